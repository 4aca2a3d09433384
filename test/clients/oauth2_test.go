package clients_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	s := start(t)

	styles := map[string]oauth2.AuthStyle{
		"basic":      oauth2.AuthStyleInHeader,
		"post":       oauth2.AuthStyleInParams,
		"unprompted": oauth2.AuthStyleAutoDetect,
	}
	for name, style := range styles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := clientcredentials.Config{
				ClientID:     s.Application.ClientID,
				ClientSecret: s.Application.ClientSecret,
				TokenURL:     s.Issuer + "/oauth2/token",
				AuthStyle:    style,
			}

			token, err := config.Token(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !token.Valid() || token.TokenType != "Bearer" {
				t.Errorf("token: valid %t, type %q, want a valid Bearer token", token.Valid(), token.TokenType)
			}
			if left := time.Until(token.Expiry); left < 59*time.Minute || left > time.Hour {
				t.Errorf("token expires in %v, want an hour", left)
			}
			if token.RefreshToken != "" {
				t.Error("an application was given a refresh token (RFC 6749 §4.4.3)")
			}
			if !s.active(t, token.AccessToken) {
				t.Error("introspection does not know the token")
			}

			config.ClientSecret = strings.Repeat("0", len(config.ClientSecret))
			_, err = config.Token(t.Context())
			wantRefusal(t, err, http.StatusUnauthorized, "invalid_client", "AUT-1004")
		})
	}
}

func TestPasswordAndRefresh(t *testing.T) {
	t.Parallel()
	s := start(t)
	config := s.config("openid")

	first, err := config.PasswordCredentialsToken(t.Context(), s.Admin.Username, s.Admin.Password)
	if err != nil {
		t.Fatal(err)
	}
	if !first.Valid() || first.RefreshToken == "" {
		t.Fatalf("token: valid %t, refresh token %t, want both", first.Valid(), first.RefreshToken != "")
	}

	// The library refreshes by itself once the access token is over.
	first.Expiry = time.Now().Add(-time.Second)
	second, err := config.TokenSource(t.Context(), first).Token()
	if err != nil {
		t.Fatal(err)
	}
	if second.AccessToken == first.AccessToken || second.RefreshToken == first.RefreshToken {
		t.Error("refresh gave a token that was there before")
	}

	// Its answer may have been lost on the way: then it asks again.
	again, err := config.TokenSource(t.Context(), first).Token()
	if err != nil {
		t.Fatal(err)
	}
	if again.RefreshToken != second.RefreshToken {
		t.Error("the repeated refresh has another successor than the first")
	}
	if got := userinfo(t, s, config, again); got != http.StatusOK {
		t.Errorf("userinfo answers %d, want 200", got)
	}

	_, err = config.PasswordCredentialsToken(t.Context(), s.Admin.Username, "not "+s.Admin.Password)
	wantRefusal(t, err, http.StatusBadRequest, "invalid_grant", "AUT-1002")
}

func TestRevokedTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	config := s.config("openid")
	token, err := config.PasswordCredentialsToken(t.Context(), s.Admin.Username, s.Admin.Password)
	if err != nil {
		t.Fatal(err)
	}

	s.post(t, "/oauth2/revoke", url.Values{"token": {token.RefreshToken}})

	if got := userinfo(t, s, config, token); got != http.StatusUnauthorized {
		t.Errorf("userinfo answers %d after the session's end, want 401", got)
	}
	token.Expiry = time.Now().Add(-time.Second)
	_, err = config.TokenSource(t.Context(), token).Token()
	wantRefusal(t, err, http.StatusBadRequest, "invalid_grant", "AUT-1005")
}

// config is the development application as x/oauth2 sees it.
func (s *server) config(scopes ...string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     s.Application.ClientID,
		ClientSecret: s.Application.ClientSecret,
		Endpoint:     oauth2.Endpoint{TokenURL: s.Issuer + "/oauth2/token", AuthStyle: oauth2.AuthStyleInHeader},
		Scopes:       scopes,
	}
}

// wantRefusal checks the RFC's own fields and ours beside them.
func wantRefusal(t *testing.T, err error, status int, name, code string) {
	t.Helper()
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v, want a refusal", err)
	}
	var body struct{ Code string }
	if err := json.Unmarshal(refused.Body, &body); err != nil {
		t.Fatal(err)
	}
	if refused.Response.StatusCode != status || refused.ErrorCode != name || body.Code != code {
		t.Errorf("refused with %d %s %s, want %d %s %s",
			refused.Response.StatusCode, refused.ErrorCode, body.Code, status, name, code)
	}
	if want := "/errors/" + code; !strings.HasSuffix(refused.ErrorURI, want) {
		t.Errorf("error_uri %q, want it to end in %q", refused.ErrorURI, want)
	}
}

func userinfo(t *testing.T, s *server, config *oauth2.Config, token *oauth2.Token) int {
	t.Helper()
	res, err := config.Client(t.Context(), token).Get(s.Issuer + "/oauth2/userinfo")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// active asks introspection about a token (RFC 7662).
func (s *server) active(t *testing.T, token string) bool {
	t.Helper()
	var answer struct{ Active bool }
	if err := json.Unmarshal(s.post(t, "/oauth2/introspect", url.Values{"token": {token}}), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Active
}

// post sends a form as the application and wants 200.
func (s *server) post(t *testing.T, path string, form url.Values) []byte {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.Issuer+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(s.Application.ClientID, s.Application.ClientSecret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %s %s (%v)", path, res.Status, body, err)
	}
	return body
}
