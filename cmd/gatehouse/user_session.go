package main

import (
	"context"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"gatehouse/identity/wire"
)

func newUserSessions(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions USER",
		Short: "List where a user is signed in",
		Long:  "Lists the sessions of a user: where they are signed in, from where, and since when.",
		Example: `  gatehouse user sessions ada
  gatehouse user sessions ada --json`,
		Args: cobra.ExactArgs(1),
	}
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		id, err := a.users().find(ctx, args[0])
		if err != nil {
			return err
		}
		sessions, err := a.sessions(ctx, id)
		if err != nil {
			return err
		}
		return c.print(sessions, []string{"APPLICATION", "ADDRESS", "BEGUN", "LAST USED", "ID"}, mapped(sessions, func(s wire.Session) []string {
			return []string{s.Application, s.IP, timestamp(s.CreatedAt), timestamp(s.LastUsedAt), s.ID}
		}))
	})
}

func newUserEndSessions(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "end-sessions USER",
		Short: "Sign a user out",
		Long: `Signs a user out everywhere, or with --session in one place: the tokens of the
sessions are dead at once. The user can sign in again.`,
		Example: `  gatehouse user end-sessions ada
  gatehouse user end-sessions ada --session 0198f3c9-66aa-7b02-a5c4-9d8e7f6a5b41`,
		Args: cobra.ExactArgs(1),
	}
	session := cmd.Flags().String("session", "", "`ID` of the one session to end")
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		if *session != "" && uuid.Validate(*session) != nil {
			return misused("--session must be the id of a session; gatehouse user sessions lists them")
		}
		id, err := a.users().find(ctx, args[0])
		if err != nil {
			return err
		}
		if *session == "" {
			if err := a.endSessions(ctx, id); err != nil {
				return err
			}
			return c.say("all sessions of %s are ended", args[0])
		}
		if err := a.endSession(ctx, id, *session); err != nil {
			return err
		}
		return c.say("session %s is ended", *session)
	})
}
