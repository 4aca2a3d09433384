package servertest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
)

// fill puts a user and two applications into the database.
func (s *Server) fill(tb testing.TB) {
	tb.Helper()
	s.Username, s.Password = Username, Password
	hash, err := identity.NewPasswords(testHashing).Hash(tb.Context(), Password)
	if err != nil {
		tb.Fatalf("hash: %v", err)
	}
	user := identity.User{
		ID: newID(tb), Username: Username, Email: "ada@example.com", EmailVerified: true, FirstName: "Ada", LastName: "Lovelace",
		PasswordHash: hash, Groups: []string{identity.AdminGroup}, CreatedAt: s.Clock.Now(), UpdatedAt: s.Clock.Now(), Version: 1,
	}
	if err := s.Store.CreateUser(tb.Context(), user); err != nil {
		tb.Fatalf("create user: %v", err)
	}
	s.UserID = user.ID
	s.createApplication(tb, identity.Application{
		ClientID: identity.FirstPartyClientID, Name: "gatehouse", Public: true, BuiltIn: true, TokenEndpointAuthMethod: identity.AuthNone,
		GrantTypes: []string{identity.GrantPassword, identity.GrantRefreshToken}, Scopes: []string{"openid", "profile", "email", "groups"},
		IDTokenSignedResponseAlg: "ES256",
	}, "")
	s.ClientID, s.ClientSecret = s.NewApplication(tb, "test", func(a *identity.Application) {
		a.Description = "Test application"
		a.GrantTypes = []string{identity.GrantPassword, identity.GrantClientCredentials, identity.GrantRefreshToken}
		a.Scopes = []string{"openid", "profile", "email", "groups", "reports"}
		a.Audiences = []string{"https://api.example.com", "https://files.example.com"}
	})
	s.MachineID, s.MachineSecret = s.NewApplication(tb, "machine")
}

// NewApplication creates a confidential application that may use
// client_credentials, changed by the given functions, and returns its credentials.
func (s *Server) NewApplication(tb testing.TB, name string, change ...func(*identity.Application)) (clientID, clientSecret string) {
	tb.Helper()
	app := identity.Application{
		ClientID: randomHex(10), Name: name, TokenEndpointAuthMethod: identity.AuthBasic,
		GrantTypes: []string{identity.GrantClientCredentials}, IDTokenSignedResponseAlg: "RS256",
	}
	for _, c := range change {
		c(&app)
	}
	clientSecret = randomHex(20)
	s.createApplication(tb, app, clientSecret)
	return app.ClientID, clientSecret
}

func (s *Server) createApplication(tb testing.TB, app identity.Application, clientSecret string) {
	tb.Helper()
	app.ID, app.CreatedAt, app.UpdatedAt, app.Version = newID(tb), s.Clock.Now(), s.Clock.Now(), 1
	if clientSecret != "" {
		app.Secrets = []identity.ClientSecret{{Hash: s.master.HashSecret(clientSecret)}}
	}
	product := identity.Product{Name: app.Name, CreatedAt: app.CreatedAt}
	if err := s.Store.CreateProduct(tb.Context(), product); err != nil && !errors.Is(err, errors.Conflict) {
		tb.Fatalf("create product: %v", err)
	}
	if err := s.Store.CreateApplication(tb.Context(), app); err != nil {
		tb.Fatalf("create application: %v", err)
	}
}

// DisableApplication disables or enables an application, a second after what
// was issued to it last.
func (s *Server) DisableApplication(tb testing.TB, clientID string, disabled bool) {
	tb.Helper()
	s.Clock.Advance(time.Second)
	s.changeApplication(tb, clientID, func(a *identity.Application) {
		a.Disabled = disabled
		if disabled {
			a.NotBefore = s.Clock.Now()
		}
	})
}

// changeApplication makes a new version of an application.
func (s *Server) changeApplication(tb testing.TB, clientID string, change func(*identity.Application)) {
	tb.Helper()
	app, err := s.Store.ApplicationByClientID(tb.Context(), clientID)
	if err != nil {
		tb.Fatalf("application: %v", err)
	}
	change(&app)
	app.UpdatedAt, app.Version = s.Clock.Now(), app.Version+1
	if err := s.Store.UpdateApplication(tb.Context(), app); err != nil {
		tb.Fatalf("change application: %v", err)
	}
}

// DisableUser disables a user until the test ends.
func (s *Server) DisableUser(tb testing.TB, id string) {
	tb.Helper()
	set := func(disabled bool) {
		ctx := context.WithoutCancel(tb.Context())
		user, err := s.Store.User(ctx, id)
		if err != nil {
			tb.Fatalf("user: %v", err)
		}
		user.Disabled, user.UpdatedAt, user.Version = disabled, s.Clock.Now(), user.Version+1
		if err := s.Store.UpdateUser(ctx, user); err != nil {
			tb.Fatalf("disable user: %v", err)
		}
	}
	set(true)
	tb.Cleanup(func() { set(false) })
}

// RotateSecret gives an application a new secret, the only one from then on.
func (s *Server) RotateSecret(tb testing.TB, clientID string) string {
	tb.Helper()
	next := randomHex(20)
	s.changeApplication(tb, clientID, func(a *identity.Application) {
		a.Secrets = []identity.ClientSecret{{Hash: s.master.HashSecret(next)}}
	})
	return next
}

func newID(tb testing.TB) string {
	tb.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		tb.Fatalf("new id: %v", err)
	}
	return id.String()
}

// randomHex returns twice as many hex digits as bytes.
func randomHex(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return hex.EncodeToString(raw)
}
