package clients_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/LerianStudio/lib-auth/v2/auth/middleware"
	"github.com/LerianStudio/lib-commons/v2/commons/log"
	"github.com/gofiber/fiber/v2"
)

const password = "Nanosecond-29.97cm"

// product is a Fiber app behind lib-auth, as products of the Midaz family are.
func (s *server) product(t *testing.T) (address string) {
	t.Helper()
	var logger log.Logger = &complaints{}
	auth := middleware.NewAuthClient(s.Issuer, true, &logger)
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	done := func(c *fiber.Ctx) error { return c.SendString("done") }
	app.Get("/ledgers", auth.Authorize("midaz", "ledgers", "get"), done)
	app.Post("/ledgers", auth.Authorize("midaz", "ledgers", "post"), done)
	app.Delete("/ledgers", auth.Authorize("midaz", "ledgers", "delete"), done)
	app.Get("/developers", auth.Authorize("dev", "anything", "get"), done)
	app.Get("/ghosts", auth.Authorize("ghost", "anything", "get"), done)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// newUser adds a user who is in a group.
func (s *server) newUser(t *testing.T, username, group string) {
	t.Helper()
	s.run(t, password, "user", "create", username, "--email", username+"@example.com", "--first-name", username, "--last-name", "Tester",
		"--group", group, "--password-stdin")
}

// tokenOf signs a user in, at an application or, without one, at the server's own.
func (s *server) tokenOf(t *testing.T, username string, app application) string {
	t.Helper()
	form := url.Values{"grant_type": {"password"}, "username": {username}, "password": {password}}
	if app.ClientID != "" {
		form.Set("client_id", app.ClientID)
		form.Set("client_secret", app.ClientSecret)
	}
	return s.token(t, form)
}

// tokenFor returns a token of an application's own.
func (s *server) tokenFor(t *testing.T, app application) string {
	t.Helper()
	return s.token(t, url.Values{"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}})
}

func (s *server) token(t *testing.T, form url.Values) string {
	t.Helper()
	res, err := http.PostForm(s.Issuer+"/oauth2/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("no token: %s (%v)", res.Status, err)
	}
	return answer.AccessToken
}

// signOut ends the session of a token.
func (s *server) signOut(t *testing.T, token string) {
	t.Helper()
	res, err := http.PostForm(s.Issuer+"/v1/logout", url.Values{"id_token_hint": {token}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("logout: %s", res.Status)
	}
}

// lives says whether the server still takes a user's token.
func (s *server) lives(t *testing.T, token string) bool {
	t.Helper()
	status, _ := send(t, http.MethodGet, s.Issuer+"/v1/userinfo", token)
	return status == http.StatusOK
}

// TestLibAuthAuthorize: what people see at a product that lib-auth guards, with the
// permissions that examples/midaz.yaml declares.
func TestLibAuthAuthorize(t *testing.T) {
	t.Parallel()
	s := start(t, "--bootstrap", filepath.Join("..", "..", "examples", "midaz.yaml"))
	for username, group := range map[string]string{
		"vera": "midaz-viewer-group", "carl": "midaz-contributor-group", "edith": "midaz-editor-group", "rosa": "routing-editor-group", "gone": "midaz-editor-group",
	} {
		s.newUser(t, username, group)
	}
	none := application{}
	vera, carl, edith := s.tokenOf(t, "vera", none), s.tokenOf(t, "carl", none), s.tokenOf(t, "edith", none)
	midaz := s.tokenFor(t, s.newApplication(t, "midaz", "--description", "Batch"))
	routing := s.tokenFor(t, s.newApplication(t, "routing", "--description", "Router"))
	developer := s.tokenFor(t, s.newApplication(t, "dev", "--description", "Nobody's"))

	revoked := s.tokenOf(t, "edith", none)
	s.signOut(t, revoked)
	expired := s.tokenOf(t, "edith", s.newApplication(t, "midaz", "--description", "Hasty", "--grant", "password", "--access-token-lifetime", "1s"))
	for s.lives(t, expired) {
		time.Sleep(100 * time.Millisecond)
	}
	gone := s.tokenOf(t, "gone", none)
	s.run(t, "", "user", "delete", "gone", "--yes")
	for s.lives(t, gone) {
		time.Sleep(100 * time.Millisecond) // until the server has heard of it
	}

	product := s.product(t)
	const done, forbidden = "done", "Forbidden"
	for _, tt := range []struct {
		rule, method, path, authorization string
		status                            int
		says                              string // the body, or a code in it
	}{
		{"viewer gets", "GET", "/ledgers", "Bearer " + vera, 200, done},
		{"viewer does not post", "POST", "/ledgers", "Bearer " + vera, 403, forbidden},
		{"viewer does not delete", "DELETE", "/ledgers", "Bearer " + vera, 403, forbidden},
		{"contributor gets", "GET", "/ledgers", "Bearer " + carl, 200, done},
		{"contributor posts", "POST", "/ledgers", "Bearer " + carl, 200, done},
		{"contributor does not delete", "DELETE", "/ledgers", "Bearer " + carl, 403, forbidden},
		{"editor gets", "GET", "/ledgers", "Bearer " + edith, 200, done},
		{"editor posts", "POST", "/ledgers", "Bearer " + edith, 200, done},
		{"editor deletes", "DELETE", "/ledgers", "Bearer " + edith, 200, done},
		{"editor of another product", "GET", "/ledgers", "Bearer " + s.tokenOf(t, "rosa", none), 403, forbidden},
		{"raw token", "DELETE", "/ledgers", edith, 200, done},
		{"application gets", "GET", "/ledgers", "Bearer " + midaz, 200, done},
		{"application posts", "POST", "/ledgers", "Bearer " + midaz, 200, done},
		{"application deletes", "DELETE", "/ledgers", "Bearer " + midaz, 200, done},
		{"application of another product", "GET", "/ledgers", "Bearer " + routing, 403, forbidden},
		{"application behind another product", "GET", "/developers", "Bearer " + midaz, 403, forbidden},
		{"application whose product has no editors", "GET", "/developers", "Bearer " + developer, 403, forbidden},
		{"unknown subject", "GET", "/ghosts", "Bearer " + midaz, 404, "AUT-1015"},
		{"revoked token", "GET", "/ledgers", "Bearer " + revoked, 401, "AUT-1003"},
		{"token of a deleted user", "GET", "/ledgers", "Bearer " + gone, 401, "AUT-1003"},
		{"expired token", "GET", "/ledgers", "Bearer " + expired, 401, "AUT-0007"},
		{"missing token", "GET", "/ledgers", "", 401, "Missing Token"},
		{"no token of ours", "GET", "/ledgers", "Bearer abc", 500, "Internal Server Error"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			status, body := send(t, tt.method, product+tt.path, tt.authorization)
			if status != tt.status {
				t.Errorf("status %d, want %d: %s", status, tt.status, body)
			}
			var problem struct{ Code, Title, Message string }
			if json.Unmarshal(body, &problem) == nil {
				if problem.Code != tt.says || problem.Title == "" || problem.Message == "" {
					t.Errorf("body %s, want code %s", body, tt.says)
				}
			} else if string(body) != tt.says {
				t.Errorf("body %s, want %s", body, tt.says)
			}
		})
	}
}

// send asks the product, and returns what it answers.
func send(t *testing.T, method, address, authorization string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}
