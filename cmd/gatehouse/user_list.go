package main

import (
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
)

func newUserList(c *cli) *cobra.Command {
	var query identity.UserQuery
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List users",
		Long: `Lists users, a page at a time: those created first at the top, or with --query
in the order of what it found. Filters are combined with AND.

The time of the last sign-in is kept to the day, in UTC. Users who have not signed
in since it is kept have none, and no filter on it finds them.`,
		Example: `  gatehouse user list
  gatehouse user list --query love --group clerks
  gatehouse user list --disabled=false --last-sign-in-before 2026-01-01T00:00:00Z
  gatehouse user list --sort -createdAt --page 2 --limit 50 --json`,
	}
	flags := cmd.Flags()
	flags.StringVar(&query.Prefix, "query", "", "how username, e-mail, first or last name begins (`TEXT`), whatever the case")
	flags.StringVar(&query.Username, "username", "", "`NAME` in whole, whatever the case")
	flags.StringVar(&query.Email, "email", "", "`ADDRESS` in whole, whatever the case")
	flags.StringVar(&query.Group, "group", "", "`ID` of a group that they are in")
	disabled := flags.Bool("disabled", false, "disabled users only; with =false enabled users only")
	frozen := flags.Bool("frozen", false, "users that are frozen after too many wrong passwords only")
	before := flags.String("last-sign-in-before", "", "last signed in before `TIME`, such as 2026-01-01T00:00:00Z")
	after := flags.String("last-sign-in-after", "", "last signed in at or after `TIME`")
	flags.StringVar(&query.Sort, "sort", "", "by `WHAT`: createdAt, username, email or lastName; with - in front in the other direction")
	pageFlags(cmd, &query.Page)
	cmd.PreRunE = func(*cobra.Command, []string) (err error) {
		if flags.Changed("disabled") {
			query.Disabled = disabled
		}
		if *frozen {
			query.FrozenAt = time.Now()
		}
		if query.SignedInBefore, err = timeFlag("last-sign-in-before", *before); err != nil {
			return err
		}
		query.SignedInAfter, err = timeFlag("last-sign-in-after", *after)
		return err
	}
	return userKind().list(c, cmd, &query)
}

// timeFlag reads a time; zero for none.
func timeFlag(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, misused("--%s must be a time such as 2026-01-01T00:00:00Z", name)
	}
	return at, nil
}
