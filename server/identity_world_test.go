package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/servertest"
)

// world is a server with an administrator, a user without any permission over
// the identity API, and one of each thing that can be administered.
type world struct {
	*servertest.Server
	admin, grace                  servertest.With // whose tokens
	graceID, applicationID, other string
}

func newWorld(t testing.TB, s *servertest.Server) *world {
	t.Helper()
	w := &world{Server: s, admin: s.Admin(t)}
	s.NewGroup(t, w.admin, "clerks", map[string][]string{"invoices": {"get"}})
	w.graceID = s.NewUser(t, w.admin, "grace", "clerks")
	w.grace = s.ActAs(t, "grace", servertest.NewPassword)
	w.other = s.NewUser(t, w.admin, "alan", "clerks")
	a := s.JSON(t, http.MethodPost, "/v1/products", `{"name":"billing"}`, w.admin)
	if a.Status != http.StatusCreated {
		t.Fatalf("product: %d %s", a.Status, a.Body)
	}
	a = s.JSON(t, http.MethodPost, "/v1/applications", `{"name":"billing","description":"Nightly run"}`, w.admin)
	if a.Status != http.StatusCreated {
		t.Fatalf("application: %d %s", a.Status, a.Body)
	}
	w.applicationID = a.Text("id")
	return w
}

// do sends a request as the administrator. In the path and the body, $grace,
// $alan and $app stand for ids.
func (w *world) do(t testing.TB, method, path string, body any, with ...servertest.With) servertest.Answer {
	t.Helper()
	ids := strings.NewReplacer("$grace", w.graceID, "$alan", w.other, "$app", w.applicationID, "$ada", w.UserID)
	if text, ok := body.(string); ok {
		body = ids.Replace(text)
	}
	return w.JSON(t, method, ids.Replace(path), body, append([]servertest.With{w.admin}, with...)...)
}

// sameIssuer makes a node take another's tokens.
func (w *world) sameIssuer(c *server.Config) { c.Tokens.Issuer = w.Issuer }

// emptied is a database in which nobody finds an application or a group.
type emptied struct{ server.Store }

// Applications finds none.
func (emptied) Applications(context.Context, identity.Page) ([]identity.Application, int, error) {
	return nil, 0, nil
}

// Groups finds none.
func (emptied) Groups(context.Context, identity.Page) ([]identity.Group, int, error) {
	return nil, 0, nil
}
