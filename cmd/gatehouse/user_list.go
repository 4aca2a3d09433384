package main

import (
	"github.com/spf13/cobra"

	"gatehouse/identity"
)

func newUserList(c *cli) *cobra.Command {
	var query identity.UserQuery
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List users",
		Long: `Lists users, a page at a time: those created first at the top, or with --query
in the order of what it found. What is asked for holds together: the more flags,
the fewer users.`,
		Example: `  gatehouse user list
  gatehouse user list --query love --group clerks
  gatehouse user list --sort -createdAt --page 2 --limit 50 --json`,
	}
	flags := cmd.Flags()
	flags.StringVar(&query.Prefix, "query", "", "how username, e-mail, first or last name begins (`TEXT`), whatever the case")
	flags.StringVar(&query.Username, "username", "", "`NAME` in whole, whatever the case")
	flags.StringVar(&query.Email, "email", "", "`ADDRESS` in whole, whatever the case")
	flags.StringVar(&query.Group, "group", "", "`ID` of a group that they are in")
	flags.StringVar(&query.Sort, "sort", "", "by `WHAT`: createdAt, username, email or lastName; with - in front in the other direction")
	pageFlags(cmd, &query.Page)
	return userKind().list(c, cmd, &query)
}
