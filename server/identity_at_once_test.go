package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"gatehouse/server"
	"gatehouse/server/servertest"
)

// TestChangesActAtOnce makes changes on one node and looks at them from another,
// which has everything cached: within a second nothing of what was goes on.
func TestChangesActAtOnce(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, a *servertest.Server) {
		w := newWorld(t, a)
		b := a.Another(t, servertest.Options{Config: w.sameIssuer})
		a.NewGroup(t, w.admin, "readers", map[string][]string{"users": {"get"}})
		reader := func(t *testing.T, name string) (id string, token servertest.With, raw string) {
			id = a.NewUser(t, w.admin, name, "readers")
			tokens := a.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {name}, "password": {servertest.NewPassword}},
				servertest.Basic(a.ClientID, a.ClientSecret))
			raw = tokens.Text("access_token")
			token = servertest.Bearer(raw)
			for _, node := range []*servertest.Server{a, b} {
				want(t, node.Get(t, "/v1/users", token), http.StatusOK, "")
				want(t, node.Get(t, "/v1/userinfo", token), http.StatusOK, "")
				if !active(t, node, raw) {
					t.Fatal("a new token is not active")
				}
			}
			return id, token, raw
		}
		for _, tt := range []struct{ name, method, path, body string }{
			{"disabled", http.MethodPatch, "/v1/users/$id", `{"disabled":true}`},
			{"deleted", http.MethodDelete, "/v1/users/$id", ``},
			{"password-reset", http.MethodPatch, "/v1/users/$id/reset-password", `{"newPassword":"Banburismus-Hut-8!"}`},
			{"signed-out", http.MethodDelete, "/v1/users/$id/sessions", ``},
		} {
			id, token, raw := reader(t, tt.name)
			answer := a.JSON(t, tt.method, "/v1/users/"+id+tt.path[len("/v1/users/$id"):], tt.body, w.admin)
			if answer.Status >= 300 {
				t.Fatalf("%s: %d %s", tt.name, answer.Status, answer.Body)
			}
			dead := func(node *servertest.Server) bool {
				return node.Get(t, "/v1/users", token).Code() == "IDE-0009" && node.Get(t, "/v1/userinfo", token).Code() == "AUT-1003" && !active(t, node, raw)
			}
			if !dead(a) {
				t.Errorf("%s: the token lives on the same node", tt.name)
			}
			within(t, time.Second, tt.name+": the token lives on the other node", func() bool { return dead(b) })
		}

		id, token, _ := reader(t, "reader")
		may := func(node *servertest.Server) bool { return node.Get(t, "/v1/users", token).Status == http.StatusOK }
		for what, change := range map[string][2]func() servertest.Answer{
			"the membership": {
				func() servertest.Answer {
					return a.JSON(t, http.MethodDelete, "/v1/groups/readers/members/"+id, nil, w.admin)
				},
				func() servertest.Answer {
					return a.JSON(t, http.MethodPut, "/v1/groups/readers/members/"+id, nil, w.admin)
				},
			},
			"the group's permission": {
				func() servertest.Answer {
					return a.JSON(t, http.MethodPatch, "/v1/groups/readers", `{"permissions":{}}`, w.admin)
				},
				func() servertest.Answer {
					return a.JSON(t, http.MethodPatch, "/v1/groups/readers", `{"permissions":{"users":["get"]}}`, w.admin)
				},
			},
		} {
			change[0]()
			if may(a) {
				t.Errorf("without %s it goes on, on the same node", what)
			}
			within(t, time.Second, "without "+what+" it goes on, on the other node", func() bool { return !may(b) })
			change[1]()
			if !may(a) {
				t.Errorf("with %s again it is refused, on the same node", what)
			}
			within(t, time.Second, "with "+what+" again it is refused, on the other node", func() bool { return may(b) })
		}
		a.JSON(t, http.MethodDelete, "/v1/groups/readers", nil, w.admin)
		if may(a) {
			t.Error("without the group it goes on, on the same node")
		}
		within(t, time.Second, "without the group it goes on, on the other node", func() bool { return !may(b) })
	})
}

// TestApplicationsChangeAtOnce: likewise for an application's tokens and secrets.
func TestApplicationsChangeAtOnce(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, a *servertest.Server) {
		w := newWorld(t, a)
		b := a.Another(t, servertest.Options{Config: func(c *server.Config) { w.sameIssuer(c) }})
		a.NewGroup(t, w.admin, "user-sync", map[string][]string{"users": {"get"}})
		create := func() (path, id, secret string) {
			app := w.do(t, http.MethodPost, "/v1/applications", `{"name":"billing","description":"x"}`)
			want(t, app, http.StatusCreated, "")
			a.JoinGroup(t, w.admin, "user-sync", app.Text("clientId"))
			return "/v1/applications/" + app.Text("id"), app.Text("clientId"), app.Text("clientSecret")
		}
		works := func(node *servertest.Server, id, secret string) bool {
			return node.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(id, secret)).Status == http.StatusOK
		}
		for _, end := range []struct{ method, body string }{{http.MethodPatch, `{"disabled":true}`}, {http.MethodDelete, ``}} {
			path, id, secret := create()
			token := b.ActAsApplication(t, id, secret)
			want(t, b.Get(t, "/v1/users", token), http.StatusOK, "")
			a.Clock.Advance(time.Second)
			if answer := w.do(t, end.method, path, end.body); answer.Status >= 300 {
				t.Fatalf("%d %s", answer.Status, answer.Body)
			}
			want(t, a.Get(t, "/v1/users", token), http.StatusUnauthorized, "IDE-0009")
			within(t, time.Second, "the other node takes its token", func() bool { return b.Get(t, "/v1/users", token).Code() == "IDE-0009" })
			within(t, time.Second, "the other node takes its secret", func() bool { return !works(b, id, secret) })
		}

		path, id, first := create()
		rotated := w.do(t, http.MethodPost, path+"/rotate-secret", `{"keepOldFor":3600}`)
		want(t, rotated, http.StatusOK, "")
		second := rotated.Text("clientSecret")
		for _, node := range []*servertest.Server{a, b} {
			if !works(node, id, first) || !works(node, id, second) {
				t.Error("one of two secrets is refused during a rotation")
			}
		}
		a.Clock.Advance(time.Hour)
		if works(a, id, first) || !works(a, id, second) {
			t.Error("the old secret outlives its time, or the new one does not work")
		}
		w.admin = a.Admin(t)
		third := w.do(t, http.MethodPost, path+"/rotate-secret", nil).Text("clientSecret")
		if works(a, id, second) || !works(a, id, third) {
			t.Error("a rotation that keeps nothing keeps the old secret, or the new one does not work")
		}
		within(t, time.Second, "the other node takes the old secret", func() bool { return !works(b, id, second) && works(b, id, third) })
	})
}

// TestNewTokensKnowTheGroupsOfNow: groups in tokens are those at the time.
func TestNewTokensKnowTheGroupsOfNow(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	w := newWorld(t, s)
	groups := func() []any {
		a := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {"grace"}, "password": {servertest.NewPassword}, "scope": {"groups openid"}})
		list, _ := decode(t, a.Text("access_token"))["groups"].([]any)
		return list
	}
	if got := groups(); !slices.Equal(got, []any{"clerks"}) {
		t.Errorf("groups = %v", got)
	}
	want(t, w.do(t, http.MethodPatch, "/v1/users/$grace", `{"groups":["admin-group"]}`), http.StatusOK, "")
	if got := groups(); !slices.Equal(got, []any{"admin-group"}) {
		t.Errorf("groups = %v", got)
	}
}
