package main_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/identity"
	"gatehouse/server/keys"
	"gatehouse/storage/storagetest"
)

// createApplication is a command line that creates an application.
func createApplication(flags ...string) []string {
	return append([]string{"application", "create", "billing", "--description", "Nightly run"}, flags...)
}

// application is an application as --json prints it.
type application struct {
	ID, Name, ClientID, ClientSecret, IDTokenSignedResponseAlg string
	GrantTypes, Scopes, Audiences, RedirectURIs                []string
	Public, BuiltIn, Disabled                                  bool
	AccessTokenLifetime, RefreshTokenLifetime, SessionLifetime int
}

func TestApplicationCreate(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var made application
		a.command("application", "create", "billing", "--description", "Console", "--grant", "password,refresh_token", "--grant", "client_credentials", "--scope", "a,b", "--audience", "https://api.example.com",
			"--redirect-uri", "https://console.example.com/back", "--access-token-lifetime", "5m", "--refresh-token-lifetime", "168h",
			"--session-lifetime", "720h", "--id-token-alg", "ES256").json(t, &made)
		stored, err := a.store.ApplicationByClientID(t.Context(), made.ClientID)
		if err != nil {
			t.Fatal(err)
		}
		if !stored.Allows(identity.GrantPassword) || !stored.Allows(identity.GrantClientCredentials) || !slices.Equal(stored.Scopes, []string{"a", "b"}) ||
			stored.AccessTokenLifetime != 5*time.Minute || stored.IDTokenSignedResponseAlg != "ES256" || stored.Public || made.SessionLifetime != 720*3600 {
			t.Errorf("stored %+v, printed %+v", stored, made)
		}
		if !regexp.MustCompile(`^[0-9a-f]{20}$`).MatchString(made.ClientID) || !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(made.ClientSecret) {
			t.Errorf("client id %q, secret %q: want 20 and 40 hexadecimal digits", made.ClientID, made.ClientSecret)
		}
		if !a.accepts(t, made.ClientID, made.ClientSecret) {
			t.Error("the secret that was printed is not the application's")
		}

		var public application
		a.command("application", "create", "billing", "--description", "Phone", "--public", "--grant", "password,refresh_token").json(t, &public)
		if public.ClientSecret != "" || !public.Public || !slices.Contains(public.Scopes, "openid") {
			t.Errorf("public application: %+v", public)
		}
		var plain application
		a.command(createApplication()...).json(t, &plain)
		if !slices.Equal(plain.GrantTypes, []string{"client_credentials"}) || len(plain.Scopes) != 0 {
			t.Errorf("application without flags: %+v", plain)
		}
	})
}

// accepts says whether the application shows itself with the secret now.
func (a administration) accepts(t *testing.T, clientID, shown string) bool {
	t.Helper()
	app, err := a.store.ApplicationByClientID(t.Context(), clientID)
	if err != nil {
		t.Fatal(err)
	}
	master, err := keys.NewMaster(secret)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(app.Secrets, func(s identity.ClientSecret) bool {
		ok, _ := master.VerifySecret(shown, s.Hash)
		return ok && (s.ExpiresAt.IsZero() || s.ExpiresAt.After(time.Now()))
	})
}

func TestApplicationCreateRefuses(t *testing.T) {
	t.Parallel()
	dsn := storagetest.SQLite(t)
	a := administration{store: storagetest.Open(t, dsn), environ: []string{"GATEHOUSE_DATABASE_DSN=" + dsn, "GATEHOUSE_MASTER_SECRET=" + secret}}
	a.populate(t)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown grant", []string{"--grant", "implicit"}, "grantTypes: must be one or more of"},
		{"public without a grant", []string{"--public"}, "grantTypes: "},
		{"public with client_credentials", []string{"--public", "--grant", "client_credentials"}, "grantTypes: must not hold client_credentials"},
		{"no scope", []string{"--scope", "a b"}, "scopes: "},
		{"no resource", []string{"--audience", "api"}, "audiences: "},
		{"plain http", []string{"--redirect-uri", "http://example.com/"}, "redirectUris: "},
		{"too long a life", []string{"--access-token-lifetime", "25h"}, "accessTokenLifetime: "},
		{"unknown algorithm", []string{"--id-token-alg", "none"}, "idTokenSignedResponseAlg: "},
		{"no whole seconds", []string{"--session-lifetime", "1500ms"}, "--session-lifetime: must be whole seconds"},
		{"no description", []string{"--description", ""}, "description: is required"},
		{"no key set", []string{"--jwks", write(t, "jwks.json", `{"keys":[{}]}`, 0o600)}, "jwks: "},
		{"no JSON", []string{"--jwks", write(t, "jwks.json", `keys`, 0o600)}, "is not JSON"},
		{"no file", []string{"--jwks", "/nowhere/jwks.json"}, "--jwks: open /nowhere/jwks.json"},
		{"no duration", []string{"--session-lifetime", "soon"}, "invalid argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := a.command(createApplication(tt.args...)...).run(t)
			if out.status != gatehouse.ExitUsage {
				t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
			}
			contains(t, out.stderr, tt.want)
		})
	}
}

func TestApplicationDisable(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var app, got application
		a.command(createApplication()...).json(t, &app)
		a.command("application", "disable", app.ClientID).json(t, &got)
		stored, err := a.store.Application(t.Context(), app.ID)
		if err != nil || !stored.Disabled || stored.NotBefore.IsZero() || !got.Disabled {
			t.Errorf("disable: stored %+v, printed %+v (%v)", stored, got, err)
		}
		a.command("application", "enable", app.ID).json(t, &got)
		if stored, err = a.store.Application(t.Context(), app.ID); err != nil || stored.Disabled || stored.NotBefore.IsZero() || got.Disabled {
			t.Errorf("enable: stored %+v, printed %+v (%v)", stored, got, err)
		}
		out := a.command("application", "disable", "nothing").run(t)
		if out.status != gatehouse.ExitFailed {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitFailed)
		}
		contains(t, out.stderr, `there is no application "nothing"`)
	})
}

func TestApplicationRotateSecret(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var first, second, third application
		a.command(createApplication()...).json(t, &first)
		a.command("application", "rotate-secret", first.ClientID, "--keep-old-for", "1h").json(t, &second)
		for _, secret := range []string{first.ClientSecret, second.ClientSecret} {
			if !a.accepts(t, first.ClientID, secret) {
				t.Error("a secret is refused that should be accepted for an hour")
			}
		}
		a.command("application", "rotate-secret", first.ID, "--keep-old-for", "24h").json(t, &third)
		for secret, want := range map[string]bool{first.ClientSecret: false, second.ClientSecret: true, third.ClientSecret: true} {
			if got := a.accepts(t, first.ClientID, secret); got != want {
				t.Errorf("accepted = %v, want %v: only the newest and the one before it", got, want)
			}
		}
		a.command("application", "rotate-secret", first.ID).ok(t)
		if a.accepts(t, first.ClientID, third.ClientSecret) {
			t.Error("the old secret is accepted though nothing was said of keeping it")
		}

		var public application
		a.command("application", "create", "billing", "--description", "Phone", "--public", "--grant", "password").json(t, &public)
		for _, args := range [][]string{{public.ClientID}, {first.ID, "--keep-old-for", "-1s"}} {
			if out := a.command(append([]string{"application", "rotate-secret"}, args...)...).run(t); out.status != gatehouse.ExitUsage {
				t.Errorf("rotate-secret %v: status %d, want %d", args, out.status, gatehouse.ExitUsage)
			}
		}
	})
}
