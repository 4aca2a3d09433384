package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"gatehouse/server/audit"
	"gatehouse/storage"
)

func newAudit(c *cli) *cobra.Command {
	q := storage.AuditQuery{}
	var from, to string
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "List audit events",
		Long: `Lists audit events, newest first: each change of users, groups, applications and
products, each that was refused, and what else is kept of who did what, such as
exports and rotated keys. Filters are combined with AND.

Over the API it takes audit-events:get.`,
		Example: `  gatehouse audit
  gatehouse audit --action user. --from 2026-03-01 --to 2026-04-01
  gatehouse audit --subject 0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04 --limit 10 --json
  GATEHOUSE_TOKEN=… gatehouse audit --actor 0198f3c2-8a55-7c11-b1d0-2c7e9f4a6d31 --server https://auth.example.com`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&q.Actor, "actor", "", "`ID` of who did it: of a user, a client id, or a system's user")
	flags.StringVar(&q.Subject, "subject", "", "`ID` of what it was done to")
	flags.StringVar(&q.SubjectType, "subject-type", "", "`TYPE` of what it was done to: user, group, application, product, …")
	flags.StringVar(&q.Action, "action", "", "exact `ACTION`, such as user.create, or user. for all of users")
	flags.StringVar(&from, "from", "", "at this `TIME` or later: 2026-03-01, or 2026-03-01T09:15:00Z")
	flags.StringVar(&to, "to", "", "before this `TIME`")
	flags.StringVar(&q.Before, "before", "", "older than the event with this `ID`: the next page")
	flags.IntVar(&q.Limit, "limit", audit.UsualOnPage, fmt.Sprintf("how many, up to %d", audit.MostOnPage))
	return c.administer(cmd, func(ctx context.Context, a administration, _ []string) error {
		if err := completeAuditQuery(&q, from, to); err != nil {
			return err
		}
		page, err := a.auditEvents(ctx, q)
		if err != nil {
			return err
		}
		return c.printAudit(page)
	})
}

// completeAuditQuery reads the times, and says what is wrong with the rest.
func completeAuditQuery(q *storage.AuditQuery, from, to string) (err error) {
	if q.Limit < 1 || q.Limit > audit.MostOnPage {
		return misused("--limit must be between 1 and %d", audit.MostOnPage)
	}
	if q.Before != "" && uuid.Validate(q.Before) != nil {
		return misused("--before must be the id of an event; --json prints it")
	}
	q.Before = strings.ToLower(q.Before)
	if q.From, err = timeOf("from", from); err != nil {
		return err
	}
	q.To, err = timeOf("to", to)
	return err
}

// timeOf reads a time or the beginning of a day, both in UTC unless they say otherwise.
func timeOf(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, misused("--%s must be a day such as 2026-03-01, or a time such as 2026-03-01T09:15:00Z", flag)
}

// printAudit prints a page of the audit trail.
func (c *cli) printAudit(page audit.Page) error {
	rows := mapped(page.Items, func(e audit.Event) []string {
		return []string{timestamp(e.Time), e.Action, named(e.Subject), e.Code, e.Address, named(e.Actor)}
	})
	err := c.print(page, []string{"TIME", "ACTION", "SUBJECT", "REFUSED", "ADDRESS", "ACTOR"}, rows)
	if err != nil || c.json || page.Next == "" {
		return err
	}
	return c.say("older ones: --before %s", page.Next)
}

// named is a party as a person knows it.
func named(p audit.Party) string {
	name := p.Name
	if name == "" {
		name = p.ID
	}
	return strings.TrimSpace(p.Type + " " + name)
}
