package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	refused "gatehouse/server/explain"
)

func newExplain(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain REQUEST-ID",
		Short: "Say why a request was refused",
		Long: `Says why the server refused a request: what was asked, each check in its order
with what was compared, what the error code means and what to do about it.

The request id is in the X-Request-Id header of every answer, and in the log. A
record is there a second after the answer, and for 24 hours; under load, and of
addresses with many refusals, some are dropped. Of secrets and tokens it has
fingerprints, which can be compared with each other, of passwords nothing.

Exit status: 0 done, 1 there is no record, or it could not be read, 2 the command
line or the configuration is wrong.`,
		Example: `  gatehouse explain 5QXW2J7ZB4TKLR6NFYHDC3VEOA
  GATEHOUSE_TOKEN=… gatehouse explain 5QXW2J7ZB4TKLR6NFYHDC3VEOA --server https://auth.example.com
  gatehouse explain 5QXW2J7ZB4TKLR6NFYHDC3VEOA --json`,
		Args: cobra.ExactArgs(1),
	}
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		found, err := a.refusals(ctx, args[0])
		if errors.Is(err, errors.RefusalNotFound) {
			return errors.New("no refusal of request " + strconv.Quote(args[0]) +
				" is on record: records are kept for 24 hours, and under load some are dropped")
		}
		if err != nil {
			return err
		}
		return c.printExplanations(found)
	})
}

// printExplanations prints why requests were refused.
func (c *cli) printExplanations(found []refused.Explanation) error {
	if c.json {
		return c.printJSON(found)
	}
	var b strings.Builder
	for i, e := range found {
		if i > 0 {
			b.WriteString("\n----\n\n")
		}
		writeRequest(&b, e)
		writeChecks(&b, e.Checks)
		writeAdvice(&b, e)
	}
	_, err := io.WriteString(c.stdout, b.String())
	return err
}

// writeRequest writes what was asked, by whom, and what was answered.
func writeRequest(b *strings.Builder, e refused.Explanation) {
	route := e.Route
	if route == "" {
		route = "(no such address)"
	}
	fmt.Fprintf(b, "%s %s was refused: %d %s %s\n\n", e.Method, route, e.Status, e.Code, e.Title)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "  %-11s %s\n", name, value)
		}
	}
	line("request id", e.RequestID)
	line("time", timestamp(e.Time))
	line("address", e.Address)
	line("user agent", e.UserAgent)
	if e.Caller != nil {
		line("speaks for", strings.TrimSpace(e.Caller.Type+" "+e.Caller.ID+" "+e.Caller.Name))
	}
	line("client id", e.ClientID)
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		line("field", name+" "+e.Fields[name])
	}
	line("cause", e.Cause)
}

func writeChecks(b *strings.Builder, checks []refused.Outcome) {
	if len(checks) == 0 {
		return
	}
	b.WriteString("\nWhat was checked\n\n")
	for _, o := range checks {
		says := o.Says
		if says == "" {
			says = o.Check
		}
		if o.Passed {
			fmt.Fprintf(b, "  ✓ %s\n", says)
			continue
		}
		fmt.Fprintf(b, "  ✗ %s (%s)\n", says, o.Check)
		if o.Got != "" {
			fmt.Fprintf(b, "      got   %s\n", o.Got)
		}
		if o.Want != "" {
			fmt.Fprintf(b, "      want  %s\n", o.Want)
		}
	}
}

// writeAdvice writes what the catalogue says about the code.
func writeAdvice(b *strings.Builder, e refused.Explanation) {
	if e.Help.Means == "" {
		return
	}
	fmt.Fprintf(b, "\nWhat %s means\n\n  %s\n\nCommon causes\n\n", e.Code, e.Help.Means)
	for _, cause := range e.Help.Causes {
		fmt.Fprintf(b, "  - %s\n", cause)
	}
	b.WriteString("\nWhat to do\n\n")
	for i, step := range e.Help.Steps {
		fmt.Fprintf(b, "  %d. %s\n", i+1, step)
	}
}
