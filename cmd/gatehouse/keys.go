package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/identity/registry"
	"gatehouse/server/keys"
)

func newKeys(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:   "keys",
		Short: "Show and rotate the signing keys",
		Long: `Shows and rotates the keys that sign tokens. The server makes them at its first
start and rotates them by itself (see keys.rotate_every); they are encrypted under
the master secret. A running server sees a rotation within a second.`,
		Example: `  gatehouse keys list
  gatehouse keys rotate`,
	}, newKeysList(c), newKeysRotate(c))
}

// keyView is a signing key as --json prints it.
type keyView struct {
	ID         string `json:"kid"`
	Algorithm  string `json:"algorithm"`
	State      string `json:"state"`
	CreatedAt  string `json:"createdAt"`
	ActiveFrom string `json:"activeFrom"`
	RetiredAt  string `json:"retiredAt,omitempty"`
	ExpiresAt  string `json:"expiresAt,omitempty"`
}

func newKeysList(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys in the JWKS",
		Long: `Lists the keys that are in the JWKS, oldest first. A pending key is published and
signs later, an active one signs, a retired one stays until its last token has
expired.`,
		Example: `  gatehouse keys list
  gatehouse keys list --json`,
		Args: cobra.NoArgs,
		RunE: c.withStore(func(ctx context.Context, d *database, _ []string) error {
			ring, err := d.ring(ctx)
			if err != nil {
				return err
			}
			return c.printKeys(ring)
		}),
	}
	c.storeFlags(cmd)
	return cmd
}

func newKeysRotate(c *cli) *cobra.Command {
	var algorithms []string
	var now bool
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Replace the signing keys",
		Long: `Makes a new key for each algorithm, publishes it, and lets it sign once it was
published for as long as keys.publish_before says; the key before it then retires.
Tokens stay good: a retired key is published until its last token has expired.

With --now, for a key that may have leaked, the new one signs after two seconds,
when all nodes know it; clients that cache the JWKS may refuse its tokens until
they fetch it again.`,
		Example: `  gatehouse keys rotate
  gatehouse keys rotate --alg ES256 --now`,
		Args: cobra.NoArgs,
		RunE: c.withStore(func(ctx context.Context, d *database, _ []string) error {
			for _, alg := range algorithms {
				if alg != keys.ES256 && alg != keys.RS256 {
					return misused("--alg %s is not ES256 or RS256", alg)
				}
			}
			ring, err := d.ring(ctx)
			if err != nil {
				return err
			}
			rotate := ring.Rotate
			if now {
				rotate = ring.RotateNow
			}
			known := ring.List()
			err = d.audited(ctx, "keys.rotate", registry.Subject{Type: "signing-keys"}, func(ctx context.Context) (map[string]any, error) {
				err := rotate(ctx, algorithms...)
				return map[string]any{"now": now, "keys": madeSince(known, ring.List())}, err
			})
			if err != nil {
				return err
			}
			return c.printKeys(ring)
		}),
	}
	cmd.Flags().StringSliceVar(&algorithms, "alg", nil, "`ALGORITHM` whose key to replace, ES256 or RS256 (default both)")
	cmd.Flags().BoolVar(&now, "now", false, "do not publish the new key first: the old one may have leaked")
	c.storeFlags(cmd)
	return cmd
}

// madeSince are the keys that were not there before, each with its algorithm.
func madeSince(before, after []keys.Info) map[string]any {
	made := map[string]any{}
	for _, k := range after {
		if !slices.ContainsFunc(before, func(b keys.Info) bool { return b.ID == k.ID }) {
			made[k.ID] = k.Algorithm
		}
	}
	return made
}

// ring opens the signing keys.
func (d *database) ring(ctx context.Context) (*keys.Ring, error) {
	master, err := d.master()
	if err != nil {
		return nil, err
	}
	return keys.Open(ctx, keys.Deps{Store: d.store, Master: master, Now: d.now, Log: d.log}, d.cfg.Keys)
}

func (c *cli) printKeys(ring *keys.Ring) error {
	views := []keyView{}
	var rows [][]string
	for _, k := range ring.List() {
		view := keyView{
			ID: k.ID, Algorithm: k.Algorithm, State: string(k.State), CreatedAt: timestamp(k.CreatedAt),
			ActiveFrom: timestamp(k.ActiveFrom), RetiredAt: timestamp(k.RetiredAt), ExpiresAt: timestamp(k.ExpiresAt),
		}
		views = append(views, view)
		rows = append(rows, []string{view.ID, view.Algorithm, view.State, view.ActiveFrom, view.RetiredAt, view.ExpiresAt})
	}
	return c.print(views, []string{"KID", "ALGORITHM", "STATE", "SIGNS FROM", "RETIRES", "LEAVES"}, rows)
}
