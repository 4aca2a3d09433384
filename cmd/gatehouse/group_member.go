package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newGroupAddMember(c *cli) *cobra.Command {
	return c.membership(&cobra.Command{
		Use:     "add-member GROUP USER",
		Short:   "Put a user into a group",
		Long:    "Puts a user into a group, beside the groups that they are in already.",
		Example: `  gatehouse group add-member clerks ada`,
	}, theUser, administration.addMember, "%s is in group %s")
}

func newGroupRemoveMember(c *cli) *cobra.Command {
	return c.membership(&cobra.Command{
		Use:   "remove-member GROUP USER",
		Short: "Take a user out of a group",
		Long: `Takes a user out of a group. The last enabled member of admin-group cannot be
taken out of it.`,
		Example: `  gatehouse group remove-member clerks ada`,
	}, theUser, administration.removeMember, "%s is no longer in group %s")
}

func newGroupAddApplication(c *cli) *cobra.Command {
	return c.membership(&cobra.Command{
		Use:   "add-application GROUP APPLICATION",
		Short: "Make an application a member of a group",
		Long: `Makes an application a member of a group that belongs to no product: its own
tokens then have what the group permits, and if that is to administer, it does.
What it may do in its own product it has from the product's editor group.`,
		Example: `  gatehouse group add-application user-sync 3f0c9a5be1d24c7b8a60`,
	}, theApplication, administration.addApplication, "%s is in group %s")
}

func newGroupRemoveApplication(c *cli) *cobra.Command {
	return c.membership(&cobra.Command{
		Use:     "remove-application GROUP APPLICATION",
		Short:   "Take an application out of a group",
		Long:    "Takes an application out of a group. Its tokens lose what the group permits at once.",
		Example: `  gatehouse group remove-application user-sync 3f0c9a5be1d24c7b8a60`,
	}, theApplication, administration.removeApplication, "%s is no longer in group %s")
}

// finder finds the id of a member by what it is called.
type finder func(ctx context.Context, a administration, name string) (string, error)

func theUser(ctx context.Context, a administration, name string) (string, error) {
	return a.users().find(ctx, name)
}

func theApplication(ctx context.Context, a administration, name string) (string, error) {
	return a.applications().find(ctx, name)
}

// membership makes cmd change whether somebody is in a group.
func (c *cli) membership(cmd *cobra.Command, find finder, change func(a administration, ctx context.Context, groupID, id string) error, done string) *cobra.Command {
	cmd.Args = cobra.ExactArgs(2)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		groupID, err := a.groups().find(ctx, args[0])
		if err != nil {
			return err
		}
		id, err := find(ctx, a, args[1])
		if err != nil {
			return err
		}
		if err := change(a, ctx, groupID, id); err != nil {
			return err
		}
		return c.say(done, args[1], groupID)
	})
}
