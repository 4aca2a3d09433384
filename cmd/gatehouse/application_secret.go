package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
)

func newApplicationRotateSecret(c *cli) *cobra.Command {
	var keepOld time.Duration
	cmd := &cobra.Command{
		Use:   "rotate-secret APPLICATION",
		Short: "Give an application a new secret",
		Long: `Makes a new client secret and prints it, this once. The old one is refused from
then on, or after the time given with --keep-old-for, in which both are accepted.`,
		Example: `  gatehouse application rotate-secret 3f0c9a5be1d24c7b8a60
  gatehouse application rotate-secret 3f0c9a5be1d24c7b8a60 --keep-old-for 24h`,
		Args: cobra.ExactArgs(1),
		RunE: c.withStore(func(ctx context.Context, d *database, args []string) error {
			if keepOld < 0 {
				return misused("--keep-old-for is negative")
			}
			app, err := d.application(ctx, args[0])
			if err != nil {
				return err
			}
			if app.Public {
				return misused("%s is public: it has no secret", app.ClientID)
			}
			master, err := d.master()
			if err != nil {
				return err
			}
			now, secret := d.now(), randomHex(20)
			app.Secrets = append([]identity.ClientSecret{{Hash: master.HashSecret(secret)}}, kept(app.Secrets, now, keepOld)...)
			app.UpdatedAt, app.Version = now, app.Version+1
			if err := d.store.UpdateApplication(ctx, app); err != nil {
				return err
			}
			return c.printApplication(app, secret)
		}),
	}
	cmd.Flags().DurationVar(&keepOld, "keep-old-for", 0, "how long the old secret is still accepted")
	c.storeFlags(cmd)
	return cmd
}

// kept is the secret that is accepted for a while beside a new one: the latest
// of those that are, so that there are never more than two.
func kept(secrets []identity.ClientSecret, now time.Time, d time.Duration) []identity.ClientSecret {
	until := now.Add(d)
	for _, s := range secrets {
		if d == 0 || !s.ExpiresAt.IsZero() && !s.ExpiresAt.After(now) {
			continue
		}
		if s.ExpiresAt.IsZero() || s.ExpiresAt.After(until) {
			s.ExpiresAt = until
		}
		return []identity.ClientSecret{s}
	}
	return nil
}
