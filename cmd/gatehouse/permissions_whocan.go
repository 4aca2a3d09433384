package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/identity/wire"
)

// mostAble is how many users who-can names at most, as in the API.
const mostAble = 1000

func newPermissionsWhoCan(c *cli) *cobra.Command {
	var product string
	var limit int
	cmd := &cobra.Command{
		Use:   "who-can RESOURCE ACTION",
		Short: "List all who may do something",
		Long: `Lists all who may do something: the groups that permit it, each with its role, how
many enabled users are in it, and the permission; then the users, and the
enabled applications.`,
		Example: `  gatehouse permissions who-can ledgers delete
  gatehouse permissions who-can ledgers delete --product midaz --limit 1000 --json`,
		Args: cobra.ExactArgs(2),
	}
	productFlag(cmd, &product)
	cmd.Flags().IntVar(&limit, "limit", 100, fmt.Sprintf("how many users to name, up to %d; all are counted", mostAble))
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		if err := checkWords(args); err != nil {
			return err
		}
		if limit < 1 || limit > mostAble {
			return misused("--limit must be between 1 and %d", mostAble)
		}
		able, err := a.whoCan(ctx, identity.Question{Resource: args[0], Action: args[1], Product: product}, limit)
		if err != nil {
			return err
		}
		return c.printAble(able)
	})
}

// printAble prints who may do something.
func (c *cli) printAble(able wire.Able) error {
	rows := mapped(able.Groups, func(g wire.AbleGroup) []string {
		return []string{g.Group, g.Role, strconv.Itoa(g.UserCount), g.Permission.Resource + ":" + g.Permission.Action}
	})
	if err := c.print(able, []string{"GROUP", "ROLE", "USERS", "PERMISSION"}, rows); err != nil || c.json {
		return err
	}
	if able.UserCount > 0 {
		if err := c.say("%s", counted("user", able.Users, able.UserCount)); err != nil {
			return err
		}
	}
	if len(able.Applications) == 0 {
		return nil
	}
	names := mapped(able.Applications, func(a wire.AbleApplication) string { return a.ClientID + " of " + a.Name })
	return c.say("%s", counted("application", names, len(names)))
}

// counted tells of so many of a kind, some of them by name.
func counted(noun string, names []string, count int) string {
	if count != 1 {
		noun += "s"
	}
	more := ""
	if left := count - len(names); left > 0 {
		more = fmt.Sprintf(" and %d more", left)
	}
	return fmt.Sprintf("%d %s: %s%s", count, noun, harmless(strings.Join(names, ", ")), more)
}
