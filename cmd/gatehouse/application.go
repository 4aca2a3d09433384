package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/identity/wire"
)

func newApplication(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:     "application",
		Aliases: []string{"app"},
		Short:   "Create applications and manage them",
		Long: `Creates applications (OAuth 2.0 clients) and manages them, in the database or,
with --server, over the API of a running server. In the database it needs the
server's configuration; a running server sees each change within a second. Rules
and output are the same.

An application is named by client id or id.`,
		Example: `  gatehouse application create billing --description "Nightly run" --scope invoices:read
  gatehouse application list
  gatehouse application rotate-secret 3f0c9a5be1d24c7b8a60 --keep-old-for 24h`,
	}, newApplicationCreate(c), newApplicationList(c), newApplicationShow(c), newApplicationUpdate(c), newApplicationDelete(c),
		newApplicationDisable(c), newApplicationEnable(c), newApplicationRotateSecret(c))
}

func applicationKind() kind[wire.Application] {
	return kind[wire.Application]{
		noun: "application",
		in:   administration.applications,
		head: []string{"NAME", "CLIENT ID", "TYPE", "GRANTS", "SCOPES", "STATE", "DESCRIPTION", "ID"},
		row: func(a wire.Application) []string {
			return []string{a.Name, a.ClientID, typeOf(a), strings.Join(a.GrantTypes, ","), strings.Join(a.Scopes, " "), state(a.Disabled), a.Description, a.ID}
		},
		fields: applicationFields,
		named:  func(a wire.Application) string { return a.ClientID + " (" + a.Name + ", " + a.Description + ")" },
	}
}

func applicationFields(a wire.Application) []field {
	var until string
	if a.OldSecretExpiresAt != nil {
		until = timestamp(*a.OldSecretExpiresAt)
	}
	return []field{
		{"name", a.Name},
		{"description", a.Description},
		{"shown as", a.DisplayName},
		{"type", typeOf(a)},
		{"state", state(a.Disabled)},
		{"grants", strings.Join(a.GrantTypes, ",")},
		{"scopes", strings.Join(a.Scopes, " ")},
		{"audiences", strings.Join(a.Audiences, " ")},
		{"redirects", strings.Join(a.RedirectURIs, " ")},
		{"after logout", strings.Join(a.PostLogoutRedirectURIs, " ")},
		{"origins", strings.Join(a.AllowedOrigins, " ")},
		{"authentication", a.TokenEndpointAuthMethod},
		{"keys", string(a.JWKS) + a.JWKSURI},
		{"pushed requests", whether(a.RequirePAR, "required")},
		{"consent", whether(a.Trusted, "not asked for")},
		{"subject", whether(a.SubjectType != identity.SubjectPublic, a.SubjectType)},
		{"sector", a.SectorIdentifier},
		{"claims", claimEntries(a.Claims)},
		{"logout tokens", a.BackchannelLogoutURI},
		{"logout page", a.FrontchannelLogoutURI},
		{"privacy policy", a.PolicyURI},
		{"terms of service", a.TOSURI},
		{"access tokens", lives(a.AccessTokenLifetime)},
		{"refresh tokens", lives(a.RefreshTokenLifetime)},
		{"sessions", lives(a.SessionLifetime)},
		{"id tokens", a.IDTokenSignedResponseAlg},
		{"groups", strings.Join(a.Groups, ",")},
		{"metadata", notes(a.Metadata)},
		{"created", timestamp(a.CreatedAt)},
		{"id", a.ID},
		{"client id", a.ClientID},
		{"client secret", a.ClientSecret},
		{"old one until", until},
	}
}

// whether is the text if it is so, or empty.
func whether(so bool, text string) string {
	if !so {
		return ""
	}
	return text
}

// lives is a lifetime in seconds as people read it, or empty for the server's.
func lives(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return (time.Duration(seconds) * time.Second).String()
}

func typeOf(a wire.Application) string {
	kind := "confidential"
	if a.Public {
		kind = "public"
	}
	if a.BuiltIn {
		kind += ", built in"
	}
	return kind
}

func newApplicationList(c *cli) *cobra.Command {
	var query identity.UserQuery
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List applications, oldest first",
		Long:  "Lists applications, those created first at the top, a page at a time. Secrets are not shown: only their hashes are kept.",
		Example: `  gatehouse application list
  gatehouse application list --page 2 --limit 50 --json`,
	}
	pageFlags(cmd, &query.Page)
	return applicationKind().list(c, cmd, &query)
}

func newApplicationShow(c *cli) *cobra.Command {
	return applicationKind().show(c, &cobra.Command{
		Use:   "show APPLICATION",
		Short: "Show an application",
		Long:  "Shows an application, and the version that --if-version of update and delete asks for. Its secret is not shown: only a hash is kept.",
		Example: `  gatehouse application show 3f0c9a5be1d24c7b8a60
  gatehouse application show 3f0c9a5be1d24c7b8a60 --json`,
	})
}

func newApplicationDelete(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete APPLICATION",
		Short: "Delete an application, and end all its sessions and tokens",
		Long: `Deletes an application: its sessions and tokens are dead at once. It asks first,
and without a terminal to ask at it needs --yes. The built-in one stays.`,
		Example: `  gatehouse application delete 3f0c9a5be1d24c7b8a60
  gatehouse application delete 3f0c9a5be1d24c7b8a60 --yes --if-version 3`,
	}
	versionFlag(cmd)
	return applicationKind().remove(c, cmd)
}

func newApplicationDisable(c *cli) *cobra.Command {
	return applicationKind().set(c, &cobra.Command{
		Use:     "disable APPLICATION",
		Short:   "Refuse an application, and end all its sessions and tokens",
		Long:    "Disables an application: it gets no token any more, and its sessions and tokens are dead at once.",
		Example: `  gatehouse application disable 3f0c9a5be1d24c7b8a60`,
	}, "disabled", true)
}

func newApplicationEnable(c *cli) *cobra.Command {
	return applicationKind().set(c, &cobra.Command{
		Use:     "enable APPLICATION",
		Short:   "Accept a disabled application again",
		Long:    "Enables an application that was disabled. Sessions and tokens from before stay dead.",
		Example: `  gatehouse application enable 3f0c9a5be1d24c7b8a60`,
	}, "disabled", false)
}
