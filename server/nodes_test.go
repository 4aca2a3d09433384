package server_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"gatehouse/server"
	"gatehouse/server/servertest"
)

// TestNodes runs two nodes on one database: what one does, the other knows
// within a second, and has been asked before, so that it has something cached.
func TestNodes(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, a *servertest.Server) {
		b := a.Another(t, servertest.Options{Config: func(c *server.Config) { c.Tokens.Issuer = a.Issuer }})
		for _, tt := range []struct {
			name string
			end  func(t *testing.T, tokens servertest.Answer)
		}{
			{"revoked token", func(t *testing.T, tokens servertest.Answer) { revoke(t, a, tokens.Text("access_token")) }},
			{"revoked session", func(t *testing.T, tokens servertest.Answer) { revoke(t, a, tokens.Text("refresh_token")) }},
			{"disabled user", func(t *testing.T, _ servertest.Answer) { a.DisableUser(t, a.UserID) }},
		} {
			t.Run(tt.name, func(t *testing.T) {
				tokens := signIn(t, a)
				access := tokens.Text("access_token")
				if !active(t, b, access) {
					t.Fatal("the other node does not take the token")
				}
				tt.end(t, tokens)
				if active(t, a, access) {
					t.Error("the same node takes the token")
				}
				within(t, time.Second, "the other node takes the token", func() bool { return !active(t, b, access) })
			})
		}
		t.Run("rotated client secret", func(t *testing.T) {
			id, old := a.NewApplication(t, "rotated")
			ask := func(s *servertest.Server, secret string) int {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(id, secret)).Status
			}
			if ask(b, old) != http.StatusOK {
				t.Fatal("the secret is refused")
			}
			next := a.RotateSecret(t, id)
			if ask(b, next) != http.StatusOK {
				t.Error("the new secret is refused by the other node")
			}
			within(t, time.Second, "the other node takes the old secret", func() bool { return ask(b, old) == http.StatusUnauthorized })
		})
		t.Run("refresh of one token at both nodes at once", func(t *testing.T) {
			first := signIn(t, a).Text("refresh_token")
			successors := make(chan string)
			for i := range 16 {
				node := []*servertest.Server{a, b}[i%2]
				go func() { successors <- refresh(t, node, first).Text("refresh_token") }()
			}
			want := <-successors
			for range 15 {
				if got := <-successors; got == "" || got != want {
					t.Errorf("successors differ: %q and %q", got, want)
				}
			}
		})
	})
}

// TestMasterSecretRotation replaces the master secret the way operators do: both
// for a while, then the new one alone. Nobody notices.
func TestMasterSecretRotation(t *testing.T) {
	t.Parallel()
	const next = "another master secret for the same tests"
	servertest.EachDatabase(t, func(t *testing.T, before *servertest.Server) {
		node := func(secrets ...string) *servertest.Server {
			return before.Another(t, servertest.Options{Master: secrets, Config: func(c *server.Config) { c.Tokens.Issuer = before.Issuer }})
		}
		tokens := signIn(t, before)
		both := node(next, servertest.Master)
		want(t, both.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(before.MachineID, before.MachineSecret)), http.StatusOK, "")
		renewed := refresh(t, both, tokens.Text("refresh_token"))
		want(t, renewed, http.StatusOK, "")

		after := node(next)
		want(t, after.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(before.MachineID, before.MachineSecret)), http.StatusOK, "")
		want(t, refresh(t, after, renewed.Text("refresh_token")), http.StatusOK, "")
		if !active(t, after, tokens.Text("access_token")) {
			t.Error("a token from before is not active")
		}
	})
}

// within waits until done, at most for so long.
func within(t *testing.T, d time.Duration, otherwise string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(d); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Errorf("after %s %s", d, otherwise)
}
