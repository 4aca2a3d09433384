package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestEveryOperationAsksForItsPermission: who has no permission is refused with
// the one that openapi.yaml says, who has that one alone gets past it, and who
// has no token gets nowhere.
func TestEveryOperationAsksForItsPermission(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	w := newWorld(t, s)
	parameter := regexp.MustCompile(`\{(\w+)\}`)
	asked := 0
	for name, o := range operations(t) {
		permissions, ok := o.Extensions["x-permissions"].([]any)
		if !ok {
			continue
		}
		asked++
		method, path, _ := strings.Cut(name, " ")
		path = parameter.ReplaceAllStringFunc(path, func(p string) string {
			if p == "{id}" && strings.HasPrefix(path, "/v1/groups") || p == "{name}" || p == "{requestId}" {
				return "nothing"
			}
			return "0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04"
		})
		send := func(with ...servertest.With) servertest.Answer {
			return s.Send(t, method, path, "application/json", []byte(`{}`), with...)
		}
		want(t, send(), http.StatusUnauthorized, "IDE-0008")
		want(t, send(servertest.Bearer("x")), http.StatusUnauthorized, "IDE-0009")
		if strings.HasSuffix(path, "/update-password") { // everybody has it
			want(t, send(w.grace), http.StatusBadRequest, "IDE-0013")
			continue
		}
		group := fmt.Sprintf("only-%d", asked)
		given := map[string][]string{}
		for i, p := range permissions {
			a := send(w.grace)
			if i == 0 {
				want(t, a, http.StatusForbidden, "IDE-2001")
				if needed := fmt.Sprint(p); a.Fields()["permission"] != needed+" is needed" {
					t.Errorf("%s: %s, want %s in it", name, a.Body, needed)
				}
			}
			resource, action, _ := strings.Cut(fmt.Sprint(p), ":")
			given[resource] = append(given[resource], action)
		}
		s.NewGroup(t, w.admin, group, given)
		user := fmt.Sprintf("user-%d", asked)
		s.NewUser(t, w.admin, user, group)
		if a := send(s.ActAs(t, user, servertest.NewPassword)); a.Status == http.StatusForbidden && a.Fields()["permission"] != nil {
			t.Errorf("%s with the permission: %s", name, a.Body)
		}
	}
	if asked < 30 {
		t.Errorf("%d operations with permissions", asked)
	}
}

// TestOwnAccount: everybody may change their own password and see and end their
// own sessions, and no more.
func TestOwnAccount(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		other := s.ActAs(t, "grace", servertest.NewPassword)
		a := s.Get(t, "/v1/users/"+strings.ToUpper(w.graceID)+"/sessions", w.grace)
		want(t, a, http.StatusOK, "")
		if n := strings.Count(string(a.Body), `"application"`); n != 2 {
			t.Errorf("%d sessions: %s", n, a.Body)
		}
		const next = "Banburismus-Hut-8!"
		path := "/v1/users/" + w.graceID + "/update-password"
		want(t, s.JSON(t, http.MethodPatch, path, `{"oldPassword":"`+servertest.NewPassword+`","newPassword":"weak"}`, w.grace), http.StatusBadRequest, "IDE-2005")
		want(t, s.JSON(t, http.MethodPatch, path, `{"oldPassword":"`+servertest.NewPassword+`","newPassword":"`+next+`"}`, w.grace), http.StatusNoContent, "")
		want(t, s.Get(t, "/v1/userinfo", w.grace), http.StatusOK, "")
		want(t, s.Get(t, "/v1/userinfo", other), http.StatusUnauthorized, "AUT-1003")
		s.ActAs(t, "grace", next)
		for _, refused := range []servertest.Answer{
			s.Get(t, "/v1/users/"+w.graceID, w.grace),
			s.Get(t, "/v1/users/"+w.other+"/sessions", w.grace),
			s.JSON(t, http.MethodDelete, "/v1/users/"+w.UserID+"/sessions", nil, w.grace),
			s.JSON(t, http.MethodPatch, "/v1/users/"+w.graceID, `{"groups":["admin-group"]}`, w.grace),
			s.JSON(t, http.MethodPatch, "/v1/users/"+w.graceID+"/reset-password", `{"newPassword":"`+next+`"}`, w.grace),
		} {
			want(t, refused, http.StatusForbidden, "IDE-2001")
		}
		want(t, s.JSON(t, http.MethodDelete, "/v1/users/"+w.graceID+"/sessions", nil, w.grace), http.StatusNoContent, "")
		want(t, s.Get(t, "/v1/userinfo", w.grace), http.StatusUnauthorized, "AUT-1003")
	})
}

// TestSessionsOfOthers: an administrator ends a session by whose it is, and a reset
// of one's own password spares the session that it comes from.
func TestSessionsOfOthers(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		a := s.Get(t, "/v1/users/"+w.graceID+"/sessions", w.admin)
		want(t, a, http.StatusOK, "")
		var sessions []struct{ ID string }
		if err := json.Unmarshal(a.Body, &sessions); err != nil || len(sessions) != 1 {
			t.Fatalf("%v: %s", err, a.Body)
		}
		want(t, w.do(t, http.MethodDelete, "/v1/users/$alan/sessions/"+sessions[0].ID, nil), http.StatusNotFound, "IDE-2013")
		want(t, s.Get(t, "/v1/userinfo", w.grace), http.StatusOK, "")
		want(t, w.do(t, http.MethodDelete, "/v1/users/$grace/sessions/"+strings.ToUpper(sessions[0].ID), nil), http.StatusNoContent, "")
		want(t, s.Get(t, "/v1/userinfo", w.grace), http.StatusUnauthorized, "AUT-1003")

		other := s.Admin(t)
		want(t, w.do(t, http.MethodPatch, "/v1/users/$ada/reset-password", `{"newPassword":"Banburismus-Hut-8!"}`), http.StatusNoContent, "")
		want(t, s.Get(t, "/v1/userinfo", w.admin), http.StatusOK, "")
		want(t, s.Get(t, "/v1/userinfo", other), http.StatusUnauthorized, "AUT-1003")
	})
}

// TestGuessingWithAToken: wrong current passwords freeze the account as those of
// a sign-in do, and the right one gets the same answer then.
func TestGuessingWithAToken(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		path := "/v1/users/" + w.graceID + "/update-password"
		guess := func(password string) servertest.Answer {
			return s.JSON(t, http.MethodPatch, path, `{"oldPassword":"`+password+`","newPassword":"Banburismus-Hut-8!"}`, w.grace)
		}
		first := guess("wrong")
		for range 4 {
			want(t, guess("wrong"), http.StatusBadRequest, "IDE-2006")
		}
		frozen := guess(servertest.NewPassword)
		want(t, frozen, http.StatusBadRequest, "IDE-2006")
		if string(frozen.Body) != string(first.Body) {
			t.Errorf("frozen: %s, wrong: %s", frozen.Body, first.Body)
		}
	})
}

// TestNobodyGetsAboveThemselves: what somebody may do with users, groups and
// applications does not get them what they have not got.
func TestNobodyGetsAboveThemselves(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		actions := []string{"get", "post", "patch", "put", "delete"}
		s.NewGroup(t, w.admin, "helpdesk", map[string][]string{"users": actions, "groups": actions, "applications": actions, "reset-password": {"patch"}})
		helperID := s.NewUser(t, w.admin, "helper", "helpdesk")
		helper := s.ActAs(t, "helper", servertest.NewPassword)
		s.NewGroup(t, w.admin, "auditors", map[string][]string{"audit-events": {"get"}})
		s.NewGroup(t, w.admin, "machines", map[string][]string{"*": {"*"}})
		want(t, s.JSON(t, http.MethodPut, "/v1/groups/machines/applications/"+w.applicationID, nil, w.admin), http.StatusNoContent, "")

		do := func(method, path, body string) servertest.Answer {
			return s.JSON(t, method, strings.NewReplacer("$self", helperID, "$ada", w.UserID, "$app", w.applicationID, "$alan", w.other).Replace(path), body, helper)
		}
		before := s.Get(t, "/v1/users/"+w.UserID, w.admin)
		for _, tt := range []struct{ method, path, body string }{
			{http.MethodPatch, "/v1/users/$self", `{"groups":["helpdesk","admin-group"]}`},
			{http.MethodPatch, "/v1/users/$self", `{"groups":["helpdesk","auditors"]}`},
			{http.MethodPatch, "/v1/users/$alan", `{"groups":["admin-group"]}`},
			{http.MethodPut, "/v1/groups/admin-group/members/$self", ``},
			{http.MethodPut, "/v1/groups/auditors/members/$alan", ``},
			{http.MethodDelete, "/v1/groups/admin-group/members/$ada", ``},
			{http.MethodPost, "/v1/users", newUser(`"clerks"`, `"admin-group"`)},
			{http.MethodPatch, "/v1/users/$ada/reset-password", `{"newPassword":"Banburismus-Hut-8!"}`},
			{http.MethodPatch, "/v1/users/$ada", `{"email":"helper2@example.com"}`},
			{http.MethodPatch, "/v1/users/$ada", `{"disabled":true}`},
			{http.MethodDelete, "/v1/users/$ada", ``},
			{http.MethodPatch, "/v1/groups/helpdesk", `{"permissions":{"*":["*"]}}`},
			{http.MethodPatch, "/v1/groups/helpdesk", `{"permissions":{"audit-events":["get"]}}`},
			{http.MethodPatch, "/v1/groups/clerks", `{"permissions":{"users":["*"],"products":["post"]}}`},
			{http.MethodPatch, "/v1/groups/auditors", `{"name":"x"}`},
			{http.MethodDelete, "/v1/groups/auditors", ``},
			{http.MethodPost, "/v1/groups", `{"id":"mine","name":"Mine","permissions":{"*":["get"]}}`},
			{http.MethodPost, "/v1/groups", `{"id":"test-editors","name":"Mine","permissions":{"sessions":["delete"]}}`},
			{http.MethodPut, "/v1/groups/machines/applications/$app", ``},
			{http.MethodDelete, "/v1/groups/machines/applications/$app", ``},
			{http.MethodPost, "/v1/applications/$app/rotate-secret", `{}`},
			{http.MethodPatch, "/v1/applications/$app", `{"redirectUris":["https://evil.example.com/cb"]}`},
			{http.MethodDelete, "/v1/applications/$app", ``},
		} {
			a := do(tt.method, tt.path, tt.body)
			if a.Status != http.StatusForbidden || a.Code() != "IDE-2001" || len(a.Fields()) != 1 {
				t.Errorf("%s %s %s: %d %s", tt.method, tt.path, tt.body, a.Status, a.Body)
			}
		}
		want(t, do(http.MethodPatch, "/v1/users/$ada/update-password", `{"oldPassword":"a","newPassword":"b"}`), http.StatusBadRequest, "IDE-0013")
		if after := s.Get(t, "/v1/users/"+w.UserID, w.admin); string(after.Body) != string(before.Body) {
			t.Errorf("the administrator is %s, was %s", after.Body, before.Body)
		}
		// What they have, they may hand out.
		want(t, do(http.MethodPatch, "/v1/users/$alan", `{"groups":["helpdesk"]}`), http.StatusOK, "")
		want(t, do(http.MethodPatch, "/v1/users/$alan/reset-password", `{"newPassword":"Banburismus-Hut-8!"}`), http.StatusNoContent, "")
		want(t, do(http.MethodPost, "/v1/groups", `{"id":"mine","name":"Mine","permissions":{"users":["get"],"invoices":["*"]}}`), http.StatusCreated, "")
	})
}

// TestApplicationsAdministerAsMembers: an application administers by the groups that
// it is a member of, and not by its product's editor group.
func TestApplicationsAdministerAsMembers(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	admin, machine := s.Admin(t), s.ActAsApplication(t, s.MachineID, s.MachineSecret)
	s.NewGroup(t, admin, identity.EditorGroup("machine"), map[string][]string{"users": {"get", "post"}})
	want(t, s.Get(t, "/v1/users", machine), http.StatusForbidden, "IDE-2001")
	s.NewGroup(t, admin, "user-sync", map[string][]string{"users": {"get", "post"}})
	app, err := s.Store.ApplicationByClientID(t.Context(), s.MachineID)
	if err != nil {
		t.Fatal(err)
	}
	want(t, s.JSON(t, http.MethodPut, "/v1/groups/user-sync/applications/"+app.ID, nil, admin), http.StatusNoContent, "")
	want(t, s.Get(t, "/v1/users", machine), http.StatusOK, "")
	want(t, s.JSON(t, http.MethodPost, "/v1/users", newUser(`"clerks"`, `"user-sync"`), machine), http.StatusCreated, "")
	want(t, s.JSON(t, http.MethodPost, "/v1/users", newUser(`"clerks"`, `"admin-group"`), machine), http.StatusForbidden, "IDE-2001")
	want(t, s.JSON(t, http.MethodPatch, "/v1/groups/user-sync", `{"permissions":{}}`, admin), http.StatusOK, "")
	want(t, s.Get(t, "/v1/users", machine), http.StatusForbidden, "IDE-2001")
}
