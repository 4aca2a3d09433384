package main

import (
	"context"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"gatehouse/identity"
)

func newUserCreate(c *cli) *cobra.Command {
	var user identity.User
	var fromStdin bool
	cmd := &cobra.Command{
		Use:   "create USERNAME",
		Short: "Create a user",
		Long: `Creates a user. The password is read from standard input with --password-stdin
and has to follow the password rules; without, one is generated and printed, this
once.`,
		Example: `  gatehouse user create ada --email ada@example.com --first-name Ada --last-name Lovelace
  gatehouse user create ada --email ada@example.com --group admin-group --password-stdin <password.txt`,
		Args: cobra.ExactArgs(1),
		RunE: c.withStore(func(ctx context.Context, d *database, args []string) error {
			user.ID, user.Username = uuid.Must(uuid.NewV7()).String(), args[0]
			user.CreatedAt = d.now()
			user.UpdatedAt, user.Version = user.CreatedAt, 1
			if err := user.Validate(); err != nil {
				return usageError{err}
			}
			password, generated, err := c.newPassword(fromStdin)
			if err != nil {
				return err
			}
			user.PasswordHash, err = d.hash(ctx, user, password)
			if err != nil {
				return err
			}
			if err := d.store.CreateUser(ctx, user); err != nil {
				return err
			}
			return c.printUser(user, generated)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&user.Email, "email", "", "e-mail `ADDRESS`")
	flags.StringVar(&user.FirstName, "first-name", "", "first `NAME`")
	flags.StringVar(&user.LastName, "last-name", "", "last `NAME`")
	flags.StringSliceVar(&user.Groups, "group", nil, "`ID` of a group to join, which exists; may be given several times")
	c.passwordFlag(cmd, &fromStdin)
	c.storeFlags(cmd)
	return cmd
}
