package main

import (
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

A group is named by its id, a user by username or id, an application by client id
or id.`,
		Example: `  gatehouse group create clerks --name Clerks --permission invoices:get,post
  gatehouse group add-member clerks ada
  gatehouse group list`,
	}, newGroupCreate(c), newGroupList(c), newGroupShow(c), newGroupUpdate(c), newGroupDelete(c), newGroupAddMember(c), newGroupRemoveMember(c),
		newGroupAddApplication(c), newGroupRemoveApplication(c))
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
				{"product", g.Product},
				{"type", builtIn(g.BuiltIn)},
				{"users", users},
				{"applications", strings.Join(g.Applications, ",")},
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
