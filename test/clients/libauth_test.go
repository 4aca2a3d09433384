package clients_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/LerianStudio/lib-auth/v2/auth/middleware"
	"github.com/LerianStudio/lib-commons/v2/commons"
	"github.com/LerianStudio/lib-commons/v2/commons/log"
	"github.com/golang-jwt/jwt/v5"
)

func TestLibAuth(t *testing.T) {
	t.Parallel()
	s := start(t)
	complaints := &complaints{}
	var logger log.Logger = complaints
	// It asks /health, and keeps no logger, to panic later, unless it likes the answer.
	client := middleware.NewAuthClient(s.Issuer, true, &logger)
	if len(complaints.lines) > 0 || client.Logger == nil {
		t.Fatalf("lib-auth does not take the server for healthy: %q", complaints.lines)
	}

	t.Run("application token", func(t *testing.T) {
		token, err := client.GetApplicationToken(t.Context(), s.Application.ClientID, s.Application.ClientSecret)
		if err != nil {
			t.Fatal(err)
		}
		if !s.active(t, token) {
			t.Error("introspection does not know the token")
		}

		// It reads its tokens without checking them.
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"type": "application", "sub": s.Application.ClientID, "owner": "admin"}
		for name, value := range want {
			if claims[name] != value {
				t.Errorf("claim %s = %v, want %v", name, claims[name], value)
			}
		}
	})

	t.Run("refusal", func(t *testing.T) {
		_, err := client.GetApplicationToken(t.Context(), s.Application.ClientID, strings.Repeat("0", 40))
		var refused commons.Response
		if !errors.As(err, &refused) {
			t.Fatalf("error %v, want a commons.Response", err)
		}
		if refused.Code != "AUT-1004" || refused.Title == "" || refused.Message == "" {
			t.Errorf("refused with %+v, want AUT-1004, a title and a message", refused)
		}
	})
}

// complaints is a logger that keeps the errors.
type complaints struct {
	log.NoneLogger
	lines []string
}

func (c *complaints) Errorf(format string, args ...any) {
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}
