package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/identity/wire"
)

func newGroup(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:   "group",
		Short: "Create groups and say who is in them",
		Long: `Creates groups, which give their members permissions, and manages them, in the
database or, with --server, over the API of a running server. Permissions are
those that services ask for with POST /v1/authorize.

A group is named by its id, a user by username or id.`,
		Example: `  gatehouse group create clerks --name Clerks --permission invoices:get,post
  gatehouse group add-member clerks ada
  gatehouse group list`,
	}, newGroupCreate(c), newGroupList(c), newGroupShow(c), newGroupUpdate(c), newGroupDelete(c), newGroupAddMember(c), newGroupRemoveMember(c))
}

func groupKind() kind[wire.Group] {
	return kind[wire.Group]{
		noun: "group",
		in:   administration.groups,
		head: []string{"ID", "NAME", "USERS", "PERMISSIONS", "TYPE"},
		row: func(g wire.Group) []string {
			return []string{g.ID, g.Name, strconv.Itoa(g.UserCount), permitted(g, " "), builtIn(g.BuiltIn)}
		},
		fields: func(g wire.Group) []field {
			users := strings.Join(g.Users, ",")
			if more := g.UserCount - len(g.Users); more > 0 {
				users += fmt.Sprintf(" and %d more", more)
			}
			return []field{
				{"id", g.ID},
				{"name", g.Name},
				{"type", builtIn(g.BuiltIn)},
				{"users", users},
				{"permissions", permitted(g, " ")},
				{"metadata", notes(g.Metadata)},
				{"created", timestamp(g.CreatedAt)},
			}
		},
		named: func(g wire.Group) string { return fmt.Sprintf("%s, which has %d users", g.ID, g.UserCount) },
	}
}

// permitted is what a group permits, as --permission takes it.
func permitted(g wire.Group, between string) string {
	var all []string
	for _, resource := range slices.Sorted(maps.Keys(g.Permissions)) {
		all = append(all, resource+":"+strings.Join(g.Permissions[resource], ","))
	}
	return strings.Join(all, between)
}

func builtIn(is bool) string {
	if is {
		return "built in"
	}
	return ""
}

func newGroupList(c *cli) *cobra.Command {
	var query identity.UserQuery
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List groups",
		Long:  "Lists groups by id, a page at a time, each with how many users it has and what it permits.",
		Example: `  gatehouse group list
  gatehouse group list --json`,
	}
	pageFlags(cmd, &query.Page)
	return groupKind().list(c, cmd, &query)
}

func newGroupShow(c *cli) *cobra.Command {
	return groupKind().show(c, &cobra.Command{
		Use:   "show GROUP",
		Short: "Show a group",
		Long:  "Shows a group, its first members, and the version that --if-version of update and delete asks for.",
		Example: `  gatehouse group show clerks
  gatehouse group show clerks --json`,
	})
}

func newGroupDelete(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete GROUP",
		Short: "Delete a group",
		Long: `Deletes a group: its members lose what it gave them. It asks first, and without a
terminal to ask at it needs --yes. Built-in groups stay.`,
		Example: `  gatehouse group delete clerks
  gatehouse group delete clerks --yes`,
	}
	versionFlag(cmd)
	return groupKind().remove(c, cmd)
}

func newGroupAddMember(c *cli) *cobra.Command {
	return c.membership(&cobra.Command{
		Use:     "add-member GROUP USER",
		Short:   "Put a user into a group",
		Long:    "Puts a user into a group, beside the groups that they are in already.",
		Example: `  gatehouse group add-member clerks ada`,
	}, administration.addMember, "%s is in group %s")
}

func newGroupRemoveMember(c *cli) *cobra.Command {
	return c.membership(&cobra.Command{
		Use:   "remove-member GROUP USER",
		Short: "Take a user out of a group",
		Long: `Takes a user out of a group. The last enabled member of admin-group cannot be
taken out of it.`,
		Example: `  gatehouse group remove-member clerks ada`,
	}, administration.removeMember, "%s is no longer in group %s")
}

// membership makes cmd change whether a user is in a group.
func (c *cli) membership(cmd *cobra.Command, change func(a administration, ctx context.Context, groupID, userID string) error, done string) *cobra.Command {
	cmd.Args = cobra.ExactArgs(2)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		groupID, err := a.groups().find(ctx, args[0])
		if err != nil {
			return err
		}
		userID, err := a.users().find(ctx, args[1])
		if err != nil {
			return err
		}
		if err := change(a, ctx, groupID, userID); err != nil {
			return err
		}
		return c.say(done, args[1], groupID)
	})
}
