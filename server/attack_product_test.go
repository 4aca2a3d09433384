package server_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// crm is a server with a product that uses words of the identity API for its own
// things, an application of it, and people with a little power.
type crm struct {
	*servertest.Server
	admin, machine, seller, desk servertest.With
	sellerID, clientID, appID    string
}

// administration is what a product's words must not open.
var administration = [][3]string{
	{http.MethodGet, "/v1/users", ""},
	{http.MethodPost, "/v1/users", `{"username":"evil","email":"evil@example.com","firstName":"E","lastName":"V","groups":["desk"],"password":"` + servertest.NewPassword + `"}`},
	{http.MethodDelete, "/v1/users/$seller", ""},
	{http.MethodPut, "/v1/groups/admin-group/members/$seller", ""},
	{http.MethodPut, "/v1/groups/admin-group/applications/$app", ""},
	{http.MethodPatch, "/v1/groups/crm-editor-group", `{"product":""}`},
	{http.MethodGet, "/v1/audit-events", ""},
	{http.MethodPost, "/v1/permissions/who-can", `{"resource":"users","action":"get"}`},
}

func newCRM(t *testing.T, s *servertest.Server) *crm {
	t.Helper()
	c := &crm{Server: s, admin: s.Admin(t)}
	want(t, s.JSON(t, http.MethodPost, "/v1/products", `{"name":"crm"}`, c.admin), http.StatusCreated, "")
	everything := map[string][]string{
		"users": {"get", "post", "delete"}, "groups": {"*"}, "audit-events": {"get"}, "permissions": {"get"}, "deals": {"get"},
	}
	s.NewGroup(t, c.admin, "crm-editor-group", everything)
	s.NewGroup(t, c.admin, "desk", map[string][]string{
		"groups": {"get", "post", "patch", "put", "delete"}, "products": {"get", "post", "patch", "delete"}, "applications": {"get", "post", "patch", "delete"},
	})
	app := s.JSON(t, http.MethodPost, "/v1/applications", `{"name":"crm","description":"CRM"}`, c.admin)
	want(t, app, http.StatusCreated, "")
	c.appID, c.clientID = app.Text("id"), app.Text("clientId")
	c.machine = s.ActAsApplication(t, c.clientID, app.Text("clientSecret"))
	c.sellerID = s.NewUser(t, c.admin, "seller", "crm-editor-group")
	c.seller = s.ActAs(t, "seller", servertest.NewPassword)
	s.NewUser(t, c.admin, "desk", "desk")
	c.desk = s.ActAs(t, "desk", servertest.NewPassword)
	return c
}

func (c *crm) do(t *testing.T, as servertest.With, method, path, body string) servertest.Answer {
	t.Helper()
	path = strings.NewReplacer("$seller", c.sellerID, "$app", c.appID).Replace(path)
	if body == "" {
		return c.JSON(t, method, path, nil, as)
	}
	return c.JSON(t, method, path, body, as)
}

// refusesAll checks that somebody gets no further into the identity API.
func (c *crm) refusesAll(t *testing.T, who string, as servertest.With) {
	t.Helper()
	for _, tt := range administration {
		if a := c.do(t, as, tt[0], tt[1], tt[2]); a.Status != http.StatusForbidden {
			t.Errorf("%s: %s %s: %d %s, want 403", who, tt[0], tt[1], a.Status, a.Body)
		}
	}
}

// TestAProductsWordsAdministerNothing: a product's group may say "users" of things
// of its own. It opens the identity API neither to the product's application nor to
// people, by whatever way the group came to be the product's.
func TestAProductsWordsAdministerNothing(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		c := newCRM(t, s)
		c.refusesAll(t, "the application", c.machine)
		c.refusesAll(t, "an editor", c.seller)
		for body, as := range map[string]servertest.With{
			`{"resource":"users","action":"delete","product":"crm"}`:                             c.machine,
			`{"resource":"users","action":"get"}`:                                                c.seller,
			`{"sub":"admin/crm-editor-role","resource":"users","action":"post","product":"crm"}`: c.machine,
			`{"sub":"seller","resource":"deals","action":"get","product":"crm"}`:                 c.machine,
		} {
			if a := s.PostJSON(t, authorizePath, body, as); a.JSON["authorized"] != true {
				t.Errorf("%s: %d %s, want its own words to count", body, a.Status, a.Body)
			}
		}
		for _, body := range []string{
			`{"sub":"desk","resource":"users","action":"get"}`,
			`{"sub":"desk","resource":"users","action":"get","product":"gatehouse"}`,
			`{"sub":"nobody","resource":"users","action":"get"}`,
		} {
			want(t, s.PostJSON(t, authorizePath, body, c.machine), http.StatusForbidden, "AUT-2002")
			want(t, s.PostJSON(t, authorizePath+"?explain=true", body, c.seller), http.StatusForbidden, "AUT-2002")
		}
		want(t, s.PostJSON(t, authorizePath, `{"sub":"nobody","resource":"a","action":"b","product":"crm"}`, c.machine), http.StatusNotFound, "AUT-1015")

		// A group that says so is the product's, too.
		want(t, s.JSON(t, http.MethodPost, "/v1/groups", `{"id":"sellers","name":"S","product":"crm","permissions":{"*":["*"]}}`, c.admin), http.StatusCreated, "")
		want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+c.sellerID, `{"groups":["sellers"]}`, c.admin), http.StatusOK, "")
		c.refusesAll(t, "a member of a group that says so", c.seller)
	})
}

// TestMovingGroups: whoever may change groups gives nobody by moving one out of its
// product what they have not, and takes nothing from administrators.
func TestMovingGroups(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		c := newCRM(t, s)
		want(t, s.JSON(t, http.MethodPost, "/v1/groups", `{"id":"sellers","name":"S","product":"crm","permissions":{"users":["*"]}}`, c.admin), http.StatusCreated, "")
		patch := func(as servertest.With, id, body string) servertest.Answer {
			t.Helper()
			return s.JSON(t, http.MethodPatch, "/v1/groups/"+id, body, as)
		}
		want(t, patch(c.desk, "sellers", `{"product":""}`), http.StatusForbidden, "IDE-2001")
		want(t, patch(c.desk, "sellers", `{"product":"","permissions":{"audit-events":["get"]}}`), http.StatusForbidden, "IDE-2001")
		want(t, patch(c.desk, "admin-group", `{"product":"crm"}`), http.StatusForbidden, "IDE-2001")
		want(t, patch(c.admin, "admin-group", `{"product":"crm"}`), http.StatusBadRequest, "IDE-0007")
		for _, product := range []string{``, `gatehouse`} {
			want(t, patch(c.admin, "crm-editor-group", `{"product":"`+product+`"}`), http.StatusBadRequest, "IDE-0007")
		}
		want(t, patch(c.admin, "sellers", `{"product":"ghost"}`), http.StatusBadRequest, "IDE-0007")
		want(t, s.JSON(t, http.MethodPost, "/v1/groups", `{"id":"crm-viewer-group","name":"x","product":"gatehouse"}`, c.admin), http.StatusBadRequest, "IDE-0007")
		want(t, s.JSON(t, http.MethodPost, "/v1/groups", `{"id":"billing-editor-role","name":"x"}`, c.admin), http.StatusBadRequest, "IDE-0007")
		want(t, s.JSON(t, http.MethodPost, "/v1/users", strings.ReplaceAll(administration[1][2], "evil", "Crm-Viewer-Role"), c.admin), http.StatusBadRequest, "IDE-0007")

		moved := patch(c.desk, "sellers", `{"product":"gatehouse"}`)
		want(t, moved, http.StatusOK, "")
		if moved.Text("product") != "gatehouse" {
			t.Errorf("moved: %s", moved.Body)
		}
		moved = patch(c.admin, "sellers", `{"product":""}`)
		want(t, moved, http.StatusOK, "")
		if moved.JSON["product"] != nil {
			t.Errorf("moved to none: %s", moved.Body)
		}
		want(t, s.JSON(t, http.MethodPut, "/v1/groups/sellers/members/"+c.sellerID, nil, c.admin), http.StatusNoContent, "")
		want(t, s.Get(t, "/v1/users", c.seller), http.StatusOK, "")
		want(t, patch(c.desk, "sellers", `{"product":"crm"}`), http.StatusForbidden, "IDE-2001")
		want(t, patch(c.admin, "sellers", `{"product":"crm"}`), http.StatusOK, "")
		want(t, s.Get(t, "/v1/users", c.seller), http.StatusForbidden, "IDE-2001")
	})
}

// TestProductsClaimNothing: registering a product changes no answer, and deleting
// one makes no group administer.
func TestProductsClaimNothing(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		c := newCRM(t, s)
		s.NewGroup(t, c.admin, "ledgerx-editor-viewer-group", map[string][]string{"audit-events": {"get"}})
		s.NewGroup(t, c.admin, "crm-editor-team", map[string][]string{"deals": {"get"}})
		s.SomeUser(t, "Ghost-Editor-Role")
		register := func(name string) servertest.Answer {
			t.Helper()
			return s.JSON(t, http.MethodPost, "/v1/products", `{"name":"`+name+`"}`, c.desk)
		}
		allowed := func() {
			t.Helper()
			a := s.PostJSON(t, authorizePath, `{"resource":"deals","action":"get","product":"crm"}`, c.seller)
			if a.JSON["authorized"] != true {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
		allowed()
		for _, name := range []string{"crm-editor", "crm-viewer", "crm-contributor"} {
			want(t, register(name), http.StatusCreated, "")
			allowed()
		}
		for name, clash := range map[string]string{
			"ledgerx-editor": "ledgerx-editor-viewer-group", "ghost": "Ghost-Editor-Role", "admin": "administrators",
		} {
			a := register(name)
			want(t, a, http.StatusConflict, "IDE-2024")
			if reason, _ := a.Fields()["name"].(string); !strings.Contains(reason, clash) {
				t.Errorf("%s: fields %v, want the clash with %s", name, a.Fields(), clash)
			}
		}
		want(t, register("crm"), http.StatusConflict, "IDE-2002")
		want(t, register("ledgerx"), http.StatusCreated, "")

		a := s.JSON(t, http.MethodDelete, "/v1/products/crm", nil, c.admin)
		want(t, a, http.StatusConflict, "IDE-2004")
		want(t, s.JSON(t, http.MethodDelete, "/v1/applications/"+c.appID, nil, c.admin), http.StatusNoContent, "")
		a = s.JSON(t, http.MethodDelete, "/v1/products/crm", nil, c.desk)
		want(t, a, http.StatusConflict, "IDE-2004")
		if reason, _ := a.Fields()["name"].(string); !strings.Contains(reason, "crm-editor-group") {
			t.Errorf("fields %v, want the groups of the product", a.Fields())
		}
		want(t, s.Get(t, "/v1/users", c.seller), http.StatusForbidden, "IDE-2001")
		want(t, s.JSON(t, http.MethodDelete, "/v1/groups/crm-editor-group", nil, c.desk), http.StatusNoContent, "")
		want(t, s.JSON(t, http.MethodDelete, "/v1/products/crm", nil, c.desk), http.StatusNoContent, "")
	})
}

// TestNobodyRacesAProductsDeletion: whoever registers and deletes products and creates
// groups at the same moment gets nothing by a group that is the product's to some
// requests and nobody's to others.
func TestNobodyRacesAProductsDeletion(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		s.NewGroup(t, admin, "cataloguers", map[string][]string{"groups": {"post", "put"}, "products": {"post", "delete"}})
		id := s.NewUser(t, admin, "eve", "cataloguers")
		eve := s.ActAs(t, "eve", servertest.NewPassword)
		for range 25 {
			want(t, s.JSON(t, http.MethodPost, "/v1/products", `{"name":"foo"}`, eve), http.StatusCreated, "")
			var all sync.WaitGroup
			all.Go(func() { s.JSON(t, http.MethodDelete, "/v1/products/foo", nil, eve) })
			all.Go(func() {
				s.JSON(t, http.MethodPost, "/v1/groups", `{"id":"foo-editor-group","name":"F","permissions":{"*":["*"]}}`, eve)
			})
			for range 8 {
				all.Go(func() { s.JSON(t, http.MethodPut, "/v1/groups/foo-editor-group/members/"+id, nil, eve) })
			}
			all.Wait()
			if a := s.Get(t, "/v1/users", eve); a.Status != http.StatusForbidden {
				t.Fatalf("eve reads users: %d %s", a.Status, a.Body)
			}
			s.JSON(t, http.MethodDelete, "/v1/groups/foo-editor-group", nil, admin)
			s.JSON(t, http.MethodDelete, "/v1/products/foo", nil, admin)
		}
	})
}

// TestMachinesAdministerAsMembers: an application administers by its membership in a
// group of no product, which somebody gave it who holds all that the group gives.
func TestMachinesAdministerAsMembers(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		c := newCRM(t, s)
		s.NewGroup(t, c.admin, "user-sync", map[string][]string{"users": {"get"}})
		member := func(as servertest.With, method, group string) servertest.Answer {
			t.Helper()
			return c.do(t, as, method, "/v1/groups/"+group+"/applications/$app", "")
		}
		want(t, member(c.desk, http.MethodPut, identity.AdminGroup), http.StatusForbidden, "IDE-2001")
		want(t, member(c.desk, http.MethodPut, "user-sync"), http.StatusForbidden, "IDE-2001")
		want(t, member(c.admin, http.MethodPut, "crm-editor-group"), http.StatusConflict, "IDE-2025")
		want(t, member(c.admin, http.MethodPut, "nowhere"), http.StatusNotFound, "IDE-1006")
		want(t, member(c.admin, http.MethodDelete, "user-sync"), http.StatusNotFound, "IDE-2014")
		want(t, s.JSON(t, http.MethodPut, "/v1/groups/user-sync/applications/"+c.sellerID, nil, c.admin), http.StatusNotFound, "IDE-1001")
		want(t, s.Get(t, "/v1/users", c.machine), http.StatusForbidden, "IDE-2001")

		want(t, member(c.admin, http.MethodPut, "user-sync"), http.StatusNoContent, "")
		want(t, member(c.admin, http.MethodPut, "user-sync"), http.StatusConflict, "IDE-2002")
		want(t, s.Get(t, "/v1/users", c.machine), http.StatusOK, "")
		want(t, c.do(t, c.machine, http.MethodDelete, "/v1/users/$seller", ""), http.StatusForbidden, "IDE-2001")
		group, app := s.Get(t, "/v1/groups/user-sync", c.admin), s.Get(t, "/v1/applications/"+c.appID, c.admin)
		if !strings.Contains(string(group.Body), `"applications":["`+c.clientID+`"]`) || !strings.Contains(string(app.Body), `"groups":["user-sync"]`) {
			t.Errorf("group %s\napplication %s", group.Body, app.Body)
		}
		able := s.JSON(t, http.MethodPost, "/v1/permissions/who-can", `{"resource":"users","action":"get"}`, c.admin)
		if !strings.Contains(string(able.Body), c.clientID) {
			t.Errorf("who-can: %s", able.Body)
		}
		// Whoever has not what the machine has does not get at it.
		want(t, s.JSON(t, http.MethodPatch, "/v1/applications/"+c.appID, `{"redirectUris":["https://evil.example/"]}`, c.desk), http.StatusForbidden, "IDE-2001")
		want(t, s.JSON(t, http.MethodPost, "/v1/applications/"+c.appID+"/rotate-secret", `{}`, c.admin), http.StatusOK, "")
		want(t, s.JSON(t, http.MethodDelete, "/v1/applications/"+c.appID, nil, c.desk), http.StatusForbidden, "IDE-2001")
		want(t, member(c.desk, http.MethodDelete, "user-sync"), http.StatusForbidden, "IDE-2001")
		want(t, s.JSON(t, http.MethodPatch, "/v1/groups/user-sync", `{"product":"crm"}`, c.admin), http.StatusConflict, "IDE-2025")

		want(t, member(c.admin, http.MethodDelete, "user-sync"), http.StatusNoContent, "")
		want(t, s.Get(t, "/v1/users", c.machine), http.StatusForbidden, "IDE-2001")
		// It is no administrator who could be the last.
		want(t, member(c.admin, http.MethodPut, identity.AdminGroup), http.StatusNoContent, "")
		want(t, s.Get(t, "/v1/audit-events", c.machine), http.StatusOK, "")
		want(t, s.JSON(t, http.MethodDelete, "/v1/groups/admin-group/members/"+s.UserID, nil, c.machine), http.StatusConflict, "IDE-2004")
		want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+s.UserID, `{"disabled":true}`, c.machine), http.StatusConflict, "IDE-2004")
	})
}

// TestMachinesLeaveWithTheirGroup: a group that is deleted is left by applications,
// whatever the node remembers of them.
func TestMachinesLeaveWithTheirGroup(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		c := newCRM(t, s)
		powers := map[string][]string{"users": {"get"}}
		s.NewGroup(t, c.admin, "user-sync", powers)
		want(t, c.do(t, c.admin, http.MethodPut, "/v1/groups/user-sync/applications/$app", ""), http.StatusNoContent, "")
		want(t, s.Get(t, "/v1/users", c.machine), http.StatusOK, "")
		want(t, s.JSON(t, http.MethodDelete, "/v1/groups/user-sync", nil, c.admin), http.StatusNoContent, "")
		s.NewGroup(t, c.admin, "user-sync", powers)
		want(t, s.Get(t, "/v1/users", c.machine), http.StatusForbidden, "IDE-2001")
	})
}

// TestAdminIsNobodyOnceDeleted: the word names the user of that name alone.
func TestAdminIsNobodyOnceDeleted(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		root := s.Admin(t)
		s.NewUser(t, root, "boss", identity.AdminGroup)
		boss := s.ActAs(t, "boss", servertest.NewPassword)
		id := s.NewUser(t, boss, "admin", identity.AdminGroup)
		ask := func(sub string) servertest.Answer {
			t.Helper()
			return s.PostJSON(t, authorizePath, `{"sub":"`+sub+`","resource":"users","action":"get"}`, boss)
		}
		want(t, ask("admin"), http.StatusOK, "")
		want(t, s.JSON(t, http.MethodDelete, "/v1/users/"+id, nil, boss), http.StatusNoContent, "")
		for _, sub := range []string{"admin", "lerian/admin", "Admin", "crm-editor-role"} {
			want(t, ask(sub), http.StatusNotFound, "AUT-1015")
		}
		if a := ask("admin/admin"); a.JSON["authorized"] != true {
			t.Errorf("the role: %d %s", a.Status, a.Body)
		}
		a := s.PostJSON(t, "/access/v1/evaluation", `{"subject":{"type":"role","id":"admin"},"action":{"name":"get"},"resource":{"type":"users","id":"1"}}`, boss)
		if a.JSON["decision"] != true {
			t.Errorf("the role by its type: %d %s", a.Status, a.Body)
		}
	})
}
