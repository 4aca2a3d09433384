package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity/wire"
)

func newUser(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:   "user",
		Short: "Create users and manage them",
		Long: `Creates users and manages them, in the database or, with --server, over the API
of a running server. In the database it needs the server's configuration; a
running server sees each change within a second. Rules and output are the same.

A user is named by username or id.`,
		Example: `  gatehouse user create ada --email ada@example.com --first-name Ada --last-name Lovelace --group clerks
  gatehouse user list --query love
  gatehouse user disable ada
  GATEHOUSE_TOKEN=… gatehouse user list --server https://auth.example.com`,
	}, newUserCreate(c), newUserList(c), newUserShow(c), newUserUpdate(c), newUserDelete(c), newUserDisable(c), newUserEnable(c),
		newUserResetPassword(c), newUserUnlock(c), newUserSessions(c), newUserEndSessions(c))
}

func userKind() kind[wire.User] {
	return kind[wire.User]{
		noun: "user",
		in:   administration.users,
		head: []string{"USERNAME", "E-MAIL", "NAME", "GROUPS", "STATE", "ID"},
		row: func(u wire.User) []string {
			return []string{u.Username, u.Email, fullName(u), strings.Join(u.Groups, ","), state(u.Disabled), u.ID}
		},
		fields: func(u wire.User) []field {
			return []field{
				{"username", u.Username},
				{"e-mail", u.Email},
				{"name", fullName(u)},
				{"groups", strings.Join(u.Groups, ",")},
				{"state", state(u.Disabled)},
				{"frozen until", timestamp(u.FrozenUntil)},
				{"last sign-in", date(u.LastSignInAt)},
				{"metadata", notes(u.Metadata)},
				{"created", timestamp(u.CreatedAt)},
				{"id", u.ID},
			}
		},
		named: func(u wire.User) string { return u.Username + " (" + u.Email + ")" },
	}
}

func fullName(u wire.User) string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

func state(disabled bool) string {
	if disabled {
		return "disabled"
	}
	return "enabled"
}

// date is the UTC date of a time, or empty for none.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func newUserShow(c *cli) *cobra.Command {
	return userKind().show(c, &cobra.Command{
		Use:   "show USER",
		Short: "Show a user",
		Long: `Shows a user, and the version that --if-version of update and delete asks for. A
user is frozen while a device of theirs, or their account for an address, refuses
sign-ins after too many wrong passwords; gatehouse user unlock ends that.`,
		Example: `  gatehouse user show ada
  gatehouse user show 0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04 --json`,
	})
}

func newUserDelete(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete USER",
		Short: "Delete a user, and end all their sessions",
		Long: `Deletes a user: their sessions and tokens are dead at once. It asks first, and
without a terminal to ask at it needs --yes. The last enabled member of
admin-group cannot be deleted.`,
		Example: `  gatehouse user delete ada
  gatehouse user delete ada --yes --if-version 3`,
	}
	versionFlag(cmd)
	return userKind().remove(c, cmd)
}

func newUserDisable(c *cli) *cobra.Command {
	return userKind().set(c, &cobra.Command{
		Use:   "disable USER",
		Short: "Keep a user out, and end all their sessions",
		Long: `Disables a user: they can no longer sign in, and all their sessions and tokens
are dead at once. The last enabled member of admin-group cannot be disabled.`,
		Example: `  gatehouse user disable ada`,
	}, "disabled", true)
}

func newUserEnable(c *cli) *cobra.Command {
	return userKind().set(c, &cobra.Command{
		Use:     "enable USER",
		Short:   "Let a disabled user in again",
		Long:    "Enables a user that was disabled. Sessions from before stay ended.",
		Example: `  gatehouse user enable ada`,
	}, "disabled", false)
}
