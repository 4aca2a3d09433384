package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

func newApplicationRotateSecret(c *cli) *cobra.Command {
	var keepOld time.Duration
	cmd := &cobra.Command{
		Use:   "rotate-secret APPLICATION",
		Short: "Give an application a new secret",
		Long: `Makes a new client secret and prints it, this once. The old one is refused from
then on, or after the time given with --keep-old-for (30 days at most), in which
both are accepted.`,
		Example: `  gatehouse application rotate-secret 3f0c9a5be1d24c7b8a60
  gatehouse application rotate-secret 3f0c9a5be1d24c7b8a60 --keep-old-for 24h`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().DurationVar(&keepOld, "keep-old-for", 0, "how long the old secret is still accepted, in whole seconds")
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		if keepOld%time.Second != 0 {
			return misused("--keep-old-for must be whole seconds")
		}
		id, err := a.applications().find(ctx, args[0])
		if err != nil {
			return err
		}
		v, err := a.rotateSecret(ctx, id, map[string]any{"keepOldFor": int64(keepOld / time.Second)})
		if err != nil {
			return err
		}
		return applicationKind().print(c, v)
	})
}
