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
	var fromStdin bool
	cmd := &cobra.Command{
		Use:   "reset-password USER",
		Short: "Give a user a new password, and end all their sessions",
		Long: `Replaces a user's password and ends all their sessions. The password is read
from standard input with --password-stdin; without, one is generated and printed,
this once.`,
		Example: `  gatehouse user reset-password ada
  gatehouse user reset-password ada --password-stdin <password.txt`,
		Args: cobra.ExactArgs(1),
		RunE: c.withStore(func(ctx context.Context, d *database, args []string) error {
			user, err := d.user(ctx, args[0])
			if err != nil {
				return err
			}
			password, generated, err := c.newPassword(fromStdin)
			if err != nil {
				return err
			}
			hash, err := d.hash(ctx, user, password)
			if err != nil {
				return err
			}
			now := d.now()
			err = d.store.InTx(ctx, func(ctx context.Context) error {
				if err := d.store.SetPasswordHash(ctx, user.ID, hash, now); err != nil {
					return err
				}
				return d.endSessions(ctx, user.ID, now)
			})
			if err != nil {
				return err
			}
			return c.printUser(user, generated)
		}),
	}
	c.passwordFlag(cmd, &fromStdin)
	c.storeFlags(cmd)
	return cmd
}

func (c *cli) passwordFlag(cmd *cobra.Command, fromStdin *bool) {
	cmd.Flags().BoolVar(fromStdin, "password-stdin", false, "read the password from standard input")
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

// hash hashes a password that follows the rules.
func (d *database) hash(ctx context.Context, user identity.User, password string) (string, error) {
	if err := d.cfg.Policy.Check(password, user.Username, user.Email); err != nil {
		return "", err
	}
	return identity.NewPasswords(d.cfg.Passwords).Hash(ctx, password)
}
