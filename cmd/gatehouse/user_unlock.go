package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newUserUnlock(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unlock USER",
		Short: "Let a user sign in again after too many wrong passwords",
		Long: `Forgets the failed sign-ins of a user: their devices and addresses that were
frozen for too many wrong passwords can sign in at once. It does not unfreeze an
address that failed at many accounts, and does not enable a disabled user.`,
		Example: `  gatehouse user unlock ada`,
		Args:    cobra.ExactArgs(1),
	}
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		id, err := a.users().find(ctx, args[0])
		if err != nil {
			return err
		}
		if err := a.unlock(ctx, id); err != nil {
			return err
		}
		return c.say("user %s is unlocked", args[0])
	})
}
