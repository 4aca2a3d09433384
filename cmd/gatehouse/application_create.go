package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity"
)

func newApplicationCreate(c *cli) *cobra.Command {
	var app identity.Application
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Create an application",
		Long: `Creates an application (an OAuth 2.0 client) and prints its client id and, this
once, its secret. A public application has none.

Without --grant it may use client_credentials. Without --scope an application that
signs users in may ask for openid profile email offline_access groups, another one
for no scope.`,
		Example: `  gatehouse application create billing --scope invoices:read --audience https://api.example.com
  gatehouse application create console --grant password,refresh_token
  gatehouse application create phone --public --grant password,refresh_token --refresh-token-lifetime 168h`,
		Args: cobra.ExactArgs(1),
		RunE: c.withStore(func(ctx context.Context, d *database, args []string) error {
			app.Name, app.ClientID = args[0], randomHex(10)
			completeApplication(&app)
			if err := app.Validate(); err != nil {
				return usageError{err}
			}
			var secret string
			if !app.Public {
				secret = randomHex(20)
			}
			if err := d.newApplication(&app, secret); err != nil {
				return err
			}
			product := identity.Product{Name: app.Name, CreatedAt: app.CreatedAt}
			if err := d.store.CreateProduct(ctx, product); err != nil && !errors.Is(err, errors.Conflict) {
				return err
			}
			if err := d.store.CreateApplication(ctx, app); err != nil {
				return err
			}
			return c.printApplication(app, secret)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&app.Description, "description", "", "`TEXT` for people")
	flags.StringSliceVar(&app.GrantTypes, "grant", nil, "`GRANT` it may use: client_credentials, password or refresh_token; may be given several times")
	flags.StringSliceVar(&app.Scopes, "scope", nil, "`SCOPE` it may ask for; may be given several times")
	flags.StringArrayVar(&app.Audiences, "audience", nil, "`URI` of a resource it may ask tokens for; may be given several times")
	flags.StringArrayVar(&app.RedirectURIs, "redirect-uri", nil, "`URI` to send users back to; may be given several times")
	flags.BoolVar(&app.Public, "public", false, "it can keep no secret, such as an app on a phone")
	flags.DurationVar(&app.AccessTokenLifetime, "access-token-lifetime", 0, "how long its access tokens live (default: the server's)")
	flags.DurationVar(&app.RefreshTokenLifetime, "refresh-token-lifetime", 0, "how long its refresh tokens live unused (default: the server's)")
	flags.DurationVar(&app.SessionLifetime, "session-lifetime", 0, "how long its sessions live however often refreshed (default: the server's)")
	flags.StringVar(&app.IDTokenSignedResponseAlg, "id-token-alg", "RS256", "how its id tokens are signed, RS256 or ES256")
	c.storeFlags(cmd)
	return cmd
}

// userScopes are what an application may ask for that signs users in, where
// nothing else is said.
func userScopes() []string { return []string{"openid", "profile", "email", "offline_access", "groups"} }

// completeApplication fills in what was not said.
func completeApplication(a *identity.Application) {
	if a.GrantTypes == nil && !a.Public {
		a.GrantTypes = []string{identity.GrantClientCredentials}
	}
	if a.Scopes == nil && a.Allows(identity.GrantPassword) {
		a.Scopes = userScopes()
	}
	a.TokenEndpointAuthMethod = identity.AuthBasic
	if a.Public {
		a.TokenEndpointAuthMethod = identity.AuthNone
	}
}

// newApplication gives an application its id, its time and, unless it is empty,
// its secret.
func (d *database) newApplication(a *identity.Application, secret string) error {
	a.ID = uuid.Must(uuid.NewV7()).String()
	a.CreatedAt = d.now()
	a.UpdatedAt, a.Version = a.CreatedAt, 1
	if secret == "" {
		return nil
	}
	master, err := d.master()
	if err != nil {
		return err
	}
	a.Secrets = []identity.ClientSecret{{Hash: master.HashSecret(secret)}}
	return nil
}

// randomHex is so many random bytes in hexadecimal.
func randomHex(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random) // never fails
	return hex.EncodeToString(random)
}
