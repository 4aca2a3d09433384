package clients_test

import (
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// TestIDToken has go-oidc find everything by discovery and check the id token
// of an application with each algorithm.
func TestIDToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	provider, err := oidc.NewProvider(t.Context(), s.Issuer)
	if err != nil {
		t.Fatal(err)
	}

	for _, alg := range []string{oidc.RS256, oidc.ES256} {
		t.Run(alg, func(t *testing.T) {
			t.Parallel()
			app := s.Application
			if alg != oidc.RS256 {
				app = s.createApplication(t, alg)
			}
			token := s.signIn(t, provider, app)
			raw, _ := token.Extra("id_token").(string)

			verifier := provider.VerifierContext(t.Context(), &oidc.Config{
				ClientID: app.ClientID, SupportedSigningAlgs: []string{alg},
			})
			id, err := verifier.Verify(t.Context(), raw)
			if err != nil {
				t.Fatal(err)
			}
			if err := id.VerifyAccessToken(token.AccessToken); err != nil {
				t.Errorf("at_hash: %v", err)
			}

			info, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
			if err != nil {
				t.Fatal(err)
			}
			if info.Subject == "" || info.Subject != id.Subject {
				t.Errorf("userinfo is about %q, the id token about %q", info.Subject, id.Subject)
			}
		})
	}
}

// TestIDTokenOfAnother shows that an id token is good for its application alone.
func TestIDTokenOfAnother(t *testing.T) {
	t.Parallel()
	s := start(t)
	provider, err := oidc.NewProvider(t.Context(), s.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := s.signIn(t, provider, s.Application).Extra("id_token").(string)

	verifier := provider.Verifier(&oidc.Config{ClientID: "00000000000000000000"})
	if _, err := verifier.Verify(t.Context(), raw); err == nil {
		t.Error("another application accepts the id token")
	}
}

// TestAccessTokenOffline is what a resource server does that asks nobody.
func TestAccessTokenOffline(t *testing.T) {
	t.Parallel()
	s := start(t)
	provider, err := oidc.NewProvider(t.Context(), s.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	token := s.signIn(t, provider, s.Application)

	verifier := provider.Verifier(&oidc.Config{
		ClientID: s.Application.ClientID, SupportedSigningAlgs: []string{oidc.ES256},
	})
	access, err := verifier.Verify(t.Context(), token.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	if err := access.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if claims.Type != "normal-user" || claims.Name != s.Admin.Username {
		t.Errorf("claims %+v, want a normal-user named %s", claims, s.Admin.Username)
	}
}

func (s *server) signIn(t *testing.T, provider *oidc.Provider, app application) *oauth2.Token {
	t.Helper()
	config := oauth2.Config{
		ClientID:     app.ClientID,
		ClientSecret: app.ClientSecret,
		Endpoint:     provider.Endpoint(),
		Scopes:       []string{oidc.ScopeOpenID, "profile"},
	}
	token, err := config.PasswordCredentialsToken(t.Context(), s.Admin.Username, s.Admin.Password)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
