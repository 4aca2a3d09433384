package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity"
)

func newUserResetPassword(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reset-password USER",
		Short: "Give a user a new password, and end all their sessions",
		Long: `Replaces a user's password and ends all their sessions. The password is read
from standard input with --password-stdin; without, one is generated and printed,
this once.`,
		Example: `  gatehouse user reset-password ada
  gatehouse user reset-password ada --password-stdin <password.txt`,
		Args: cobra.ExactArgs(1),
	}
	fromStdin := passwordFlag(cmd)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		password, generated, err := c.newPassword(*fromStdin)
		if err != nil {
			return err
		}
		id, err := a.users().find(ctx, args[0])
		if err != nil {
			return err
		}
		if err := a.resetPassword(ctx, id, password); err != nil {
			return err
		}
		if generated == "" {
			return c.say("user %s has the new password", args[0])
		}
		return c.printFields(map[string]string{"password": generated}, field{"user", args[0]}, field{"password", generated})
	})
}

func passwordFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("password-stdin", false, "read the password from standard input")
}

// maxPassword is more than the longest password takes, in bytes.
const maxPassword = 4 << 10

// newPassword returns the password on standard input, or one made for the
// occasion, which is then returned as generated too.
func (c *cli) newPassword(fromStdin bool) (password, generated string, err error) {
	if !fromStdin {
		password = identity.GeneratePassword()
		return password, password, nil
	}
	content, err := io.ReadAll(io.LimitReader(c.stdin, maxPassword))
	if err != nil {
		return "", "", err
	}
	password = strings.TrimRight(string(content), "\r\n")
	if password == "" {
		return "", "", errors.New("there is no password on standard input")
	}
	return password, "", nil
}
