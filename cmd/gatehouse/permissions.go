package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
)

// errNotAllowed is no failure, but an exit status: see exitDiffer.
var errNotAllowed = errors.New("not allowed")

func newPermissions(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:   "permissions",
		Short: "Say who may do what, and what a file would change about it",
		Long: `Says who may do what and why, and what would be answered otherwise if a file were
applied, in the database or, with --server, over the API of a running server.
None of it changes anything. docs/permissions.md says what the answers mean.

A subject is a user by username or id, a role such as midaz-viewer-role, or an
application by client id. The token for --server needs permissions:get.`,
		Example: `  gatehouse permissions check ada ledgers delete
  gatehouse permissions who-can ledgers delete --product midaz
  gatehouse permissions list midaz-editor-role
  gatehouse permissions diff examples/midaz.yaml`,
	}, newPermissionsCheck(c), newPermissionsWhoCan(c), newPermissionsList(c), newPermissionsDiff(c))
}

func newPermissionsCheck(c *cli) *cobra.Command {
	var product string
	cmd := &cobra.Command{
		Use:   "check SUBJECT RESOURCE ACTION",
		Short: "Say whether somebody may do something, and why",
		Long: `Says whether a subject may do something, as services are told, and why: the group
and its permission, or what is missing.

Exit status: 0 it may, 3 it may not, 1 failed, or there is no such subject, 2 the
command line or the configuration is wrong.`,
		Example: `  gatehouse permissions check ada ledgers get
  gatehouse permissions check midaz-viewer-role ledgers delete --product midaz --json`,
		Args: cobra.ExactArgs(3),
	}
	productFlag(cmd, &product)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		q := permissions.Question{Subject: args[0], Question: identity.Question{Resource: args[1], Action: args[2], Product: product}}
		if err := checkWords(args); err != nil {
			return err
		}
		decision, err := a.decide(ctx, q)
		if err != nil {
			return err
		}
		if err := c.printDecision(q.Question, decision); err != nil {
			return err
		}
		if !decision.Authorized {
			return errNotAllowed
		}
		return nil
	})
}

func newPermissionsList(c *cli) *cobra.Command {
	var product string
	cmd := &cobra.Command{
		Use:   "list SUBJECT",
		Short: "List what somebody may do",
		Long: `Lists what a subject may do: resources, and the actions for each, as its groups
have them. A * stands for any.`,
		Example: `  gatehouse permissions list ada
  gatehouse permissions list midaz-editor-role --product midaz --json`,
		Args: cobra.ExactArgs(1),
	}
	productFlag(cmd, &product)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		if err := checkWords(args); err != nil {
			return err
		}
		permitted, err := a.permitted(ctx, args[0], product)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, resource := range slices.Sorted(maps.Keys(permitted)) {
			rows = append(rows, []string{resource, strings.Join(permitted[resource], ",")})
		}
		return c.print(permitted, []string{"RESOURCE", "ACTIONS"}, rows)
	})
}

func productFlag(cmd *cobra.Command, product *string) {
	cmd.Flags().StringVar(product, "product", "", "by the groups of the product `NAME` alone")
}

// longestWord is how many bytes a subject, a resource or an action may have, as in the API.
const longestWord = 512

// checkWords says what is wrong with the words of a question.
func checkWords(words []string) error {
	for _, word := range words {
		if word == "" || len(word) > longestWord {
			return misused("a subject, a resource and an action have 1 to %d bytes each", longestWord)
		}
	}
	return nil
}

// printDecision prints in a sentence what was decided, and why.
func (c *cli) printDecision(q identity.Question, d wire.Decision) error {
	if c.json {
		return c.printJSON(d)
	}
	reason, says := d.Reason, "is not allowed"
	if d.Authorized {
		says = "is allowed"
	}
	if reason == nil { // of a server that gives none
		reason = &wire.Reason{}
	}
	why := reason.Missing
	if by := reason.Permission; by != nil {
		why = fmt.Sprintf("group %s permits %s:%s", reason.Group, by.Resource, by.Action)
	}
	return c.say("%s", harmless(fmt.Sprintf("%s %s %s:%s: %s", subjectName(reason.Subject), says, q.Resource, q.Action, why)))
}

// subjectName is whom a question was about, as people call them.
func subjectName(s wire.Subject) string {
	switch permissions.Kind(s.Type) {
	case permissions.User:
		return s.Type + " " + s.Name
	case permissions.Application:
		return fmt.Sprintf("%s %s of %s", s.Type, s.ID, s.Name)
	}
	return s.Type + " " + s.ID
}
