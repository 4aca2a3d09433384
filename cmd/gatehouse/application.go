package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity"
)

func newApplication(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:     "application",
		Aliases: []string{"app"},
		Short:   "Create applications and manage them",
		Long: `Creates applications (OAuth 2.0 clients) and manages them, straight in the
database: it needs the server's configuration, not a running server. A running
server sees each change within a second.

An application is named by client id or id.`,
		Example: `  gatehouse application create billing --grant client_credentials --scope invoices:read
  gatehouse application list
  gatehouse application rotate-secret 3f0c9a5be1d24c7b8a60 --keep-old-for 24h`,
	}, newApplicationCreate(c), newApplicationList(c), newApplicationDisable(c), newApplicationEnable(c),
		newApplicationRotateSecret(c))
}

// applicationView is an application as --json prints it.
type applicationView struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	ClientID     string   `json:"clientId"`
	ClientSecret string   `json:"clientSecret,omitempty"` // one that was made just now
	Public       bool     `json:"public"`
	BuiltIn      bool     `json:"builtIn"`
	Disabled     bool     `json:"disabled"`
	GrantTypes   []string `json:"grantTypes"`
	Scopes       []string `json:"scopes"`
	Audiences    []string `json:"audiences"`
	RedirectURIs []string `json:"redirectUris"`
	CreatedAt    string   `json:"createdAt"`

	AccessTokenLifetime      int    `json:"accessTokenLifetime,omitempty"` // seconds; left out: the server's default
	RefreshTokenLifetime     int    `json:"refreshTokenLifetime,omitempty"`
	SessionLifetime          int    `json:"sessionLifetime,omitempty"`
	IDTokenSignedResponseAlg string `json:"idTokenSignedResponseAlg"`
}

func viewApplication(a identity.Application) applicationView {
	return applicationView{
		ID: a.ID, Name: a.Name, Description: a.Description, ClientID: a.ClientID,
		Public: a.Public, BuiltIn: a.BuiltIn, Disabled: a.Disabled,
		GrantTypes: append([]string{}, a.GrantTypes...), Scopes: append([]string{}, a.Scopes...),
		Audiences: append([]string{}, a.Audiences...), RedirectURIs: append([]string{}, a.RedirectURIs...),
		CreatedAt:                timestamp(a.CreatedAt),
		AccessTokenLifetime:      int(a.AccessTokenLifetime.Seconds()),
		RefreshTokenLifetime:     int(a.RefreshTokenLifetime.Seconds()),
		SessionLifetime:          int(a.SessionLifetime.Seconds()),
		IDTokenSignedResponseAlg: a.IDTokenSignedResponseAlg,
	}
}

func newApplicationList(c *cli) *cobra.Command {
	page := identity.Page{Number: 1, Limit: 100}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List applications, oldest first",
		Long:  "Lists applications, those created first at the top, a page at a time. Secrets are not shown: only their hashes are kept.",
		Example: `  gatehouse application list
  gatehouse application list --json`,
		Args: cobra.NoArgs,
		RunE: c.withStore(func(ctx context.Context, d *database, _ []string) error {
			if err := checkPage(page); err != nil {
				return err
			}
			apps, total, err := d.store.Applications(ctx, page)
			if err != nil {
				return err
			}
			views := make([]applicationView, len(apps))
			rows := make([][]string, len(apps))
			for i, a := range apps {
				views[i] = viewApplication(a)
				rows[i] = []string{a.Name, a.ClientID, kindOf(a), strings.Join(a.GrantTypes, ","), strings.Join(a.Scopes, " "), state(a.Disabled), a.ID}
			}
			return c.printPage(page, total, views, []string{"NAME", "CLIENT ID", "TYPE", "GRANTS", "SCOPES", "STATE", "ID"}, rows)
		}),
	}
	c.pageFlags(cmd, &page)
	c.storeFlags(cmd)
	return cmd
}

func newApplicationDisable(c *cli) *cobra.Command {
	return c.applicationSwitch(&cobra.Command{
		Use:     "disable APPLICATION",
		Short:   "Refuse an application, and end all its sessions and tokens",
		Long:    "Disables an application: it gets no token any more, and its sessions and tokens are dead at once.",
		Example: `  gatehouse application disable 3f0c9a5be1d24c7b8a60`,
	}, true)
}

func newApplicationEnable(c *cli) *cobra.Command {
	return c.applicationSwitch(&cobra.Command{
		Use:     "enable APPLICATION",
		Short:   "Accept a disabled application again",
		Long:    "Enables an application that was disabled. Sessions and tokens from before stay dead.",
		Example: `  gatehouse application enable 3f0c9a5be1d24c7b8a60`,
	}, false)
}

// applicationSwitch makes cmd disable or enable an application.
func (c *cli) applicationSwitch(cmd *cobra.Command, disabled bool) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = c.withStore(func(ctx context.Context, d *database, args []string) error {
		app, err := d.application(ctx, args[0])
		if err != nil {
			return err
		}
		app.Disabled, app.UpdatedAt, app.Version = disabled, d.now(), app.Version+1
		if disabled {
			app.NotBefore = app.UpdatedAt
		}
		if err := d.store.UpdateApplication(ctx, app); err != nil {
			return err
		}
		return c.printApplication(app, "")
	})
	c.storeFlags(cmd)
	return cmd
}

// printApplication prints one application, and the secret that was made for it if one was.
func (c *cli) printApplication(a identity.Application, secret string) error {
	view := viewApplication(a)
	view.ClientSecret = secret
	return c.printFields(view,
		field{"name", a.Name}, field{"description", a.Description}, field{"type", kindOf(a)},
		field{"grants", strings.Join(a.GrantTypes, ",")}, field{"scopes", strings.Join(a.Scopes, " ")},
		field{"audiences", strings.Join(a.Audiences, " ")}, field{"redirects", strings.Join(a.RedirectURIs, " ")},
		field{"state", state(a.Disabled)}, field{"id", a.ID},
		field{"client id", a.ClientID}, field{"client secret", secret})
}

// application finds an application by id or client id.
func (d *database) application(ctx context.Context, name string) (identity.Application, error) {
	find := d.store.ApplicationByClientID
	if uuid.Validate(name) == nil {
		find = d.store.Application
	}
	app, err := find(ctx, name)
	if errors.Is(err, errors.ApplicationNotFound) {
		return app, errors.New("there is no application " + strconv.Quote(name))
	}
	return app, err
}

func kindOf(a identity.Application) string {
	kind := "confidential"
	if a.Public {
		kind = "public"
	}
	if a.BuiltIn {
		kind += ", built in"
	}
	return kind
}

func state(disabled bool) string {
	if disabled {
		return "disabled"
	}
	return "enabled"
}
