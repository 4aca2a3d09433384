package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/identity/wire"
	"gatehouse/server/servertest"
)

const (
	whoCanPath   = "/v1/permissions/who-can"
	simulatePath = "/v1/permissions/simulate"
)

// decodeAs reads an answer of status 200.
func decodeAs[T any](t testing.TB, a servertest.Answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(a.Body, &v); err != nil || a.Status != http.StatusOK {
		t.Fatalf("answer %d %s (%v)", a.Status, a.Body, err)
	}
	return v
}

// TestWhoCan: all who may do something, and nobody else, for those who may know.
func TestWhoCan(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		midaz := wire.AbleApplication{ClientID: f.fill("$midaz"), Name: "midaz"}
		fees := wire.AbleApplication{ClientID: f.fill("$fees"), Name: "midaz-fees"}
		editors := wire.AbleGroup{Group: "midaz-editor-group", Role: "midaz-editor-role", UserCount: 1}
		everything := wire.AbleGroup{Group: "admin-group", Role: "admin", Permission: wire.Permission{Resource: "*", Action: "*"}, UserCount: 1}
		watchers := wire.AbleGroup{Group: "watchers", Permission: wire.Permission{Resource: "*", Action: "get"}, UserCount: 1}
		permits := func(g wire.AbleGroup, resource, action string) wire.AbleGroup {
			g.Permission = wire.Permission{Resource: resource, Action: action}
			return g
		}
		for body, expected := range map[string]wire.Able{
			`{"resource":"accounts","action":"get"}`: {
				Groups: []wire.AbleGroup{everything, permits(editors, "accounts", "get"), watchers}, UserCount: 3,
				Users: []string{f.Username, "edith", "wanda"}, Applications: []wire.AbleApplication{midaz},
			},
			`{"resource":"accounts","action":"get","limit":1}`: {
				Groups: []wire.AbleGroup{everything, permits(editors, "accounts", "get"), watchers}, UserCount: 3,
				Users: []string{f.Username}, Applications: []wire.AbleApplication{midaz},
			},
			`{"resource":"ledgers","action":"delete","product":"midaz"}`: {
				Groups: []wire.AbleGroup{permits(editors, "ledgers", "delete")}, UserCount: 1,
				Users: []string{"edith"}, Applications: []wire.AbleApplication{midaz},
			},
			`{"resource":"packages","action":"post","product":"midaz-fees"}`: {
				Groups: []wire.AbleGroup{{
					Group: "midaz-fees-editor-group", Role: "midaz-fees-editor-role",
					Permission: wire.Permission{Resource: "packages", Action: "*"}, UserCount: 1,
				}},
				UserCount: 1, Users: []string{"edith"}, Applications: []wire.AbleApplication{fees},
			},
			`{"resource":"ledgers","action":"burn","product":"midaz"}`: {Groups: []wire.AbleGroup{}, Users: []string{}, Applications: []wire.AbleApplication{}},
		} {
			got := decodeAs[wire.Able](t, f.PostJSON(t, whoCanPath, body, f.auditor))
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", body, diff)
			}
		}
	})
}

// TestSimulate: what a proposal would flip is what does flip once it is made, and
// until then nothing does.
func TestSimulate(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		body := f.fill(`{"groups":[
			{"id":"midaz-viewer-group","permissions":{"ledgers":["get"],"accounts":["get"]}},
			{"id":"midaz-fees-editor-group","deleted":true}],
			"users":[{"sub":"nina","groups":["midaz-viewer-group"]}]}`)
		got := decodeAs[wire.Simulation](t, f.PostJSON(t, simulatePath, body, f.auditor))
		flip := func(resource, action string, allowed bool, users, roles, applications []string) wire.Flip {
			return wire.Flip{
				Resource: resource, Action: action, Allowed: allowed, UserCount: len(users),
				Users: users, Roles: roles, Applications: applications,
			}
		}
		expected := []wire.Flip{
			flip("accounts", "get", true, []string{"Vera", "nina"}, []string{"midaz-viewer-role"}, []string{}),
			flip("ledgers", "get", true, []string{"nina"}, []string{}, []string{}),
			flip("ledgers", "head", false, []string{"Vera"}, []string{"midaz-viewer-role"}, []string{}),
			flip("midaz", "get", false, []string{"edith"}, []string{"midaz-fees-editor-role"}, []string{f.fill("$fees")}),
			flip("packages", "*", false, []string{"edith"}, []string{"midaz-fees-editor-role"}, []string{f.fill("$fees")}),
		}
		if diff := cmp.Diff(expected, got.Flips); diff != "" || got.Truncated {
			t.Errorf("truncated %v, flips (-want +got):\n%s", got.Truncated, diff)
		}
		decided(t, f.Server, f.ask(t, about("vera", "ledgers:head"), f.auditor), "yes")
		decided(t, f.Server, f.ask(t, about("nina", "ledgers:get"), f.auditor), "no")

		want(t, f.JSON(t, http.MethodPatch, "/v1/groups/midaz-viewer-group", `{"permissions":{"ledgers":["get"],"accounts":["get"]}}`, f.admin), http.StatusOK, "")
		want(t, f.JSON(t, http.MethodDelete, "/v1/groups/midaz-fees-editor-group", nil, f.admin), http.StatusNoContent, "")
		want(t, f.JSON(t, http.MethodPut, f.fill("/v1/groups/midaz-viewer-group/members/$nina"), nil, f.admin), http.StatusNoContent, "")
		for _, flip := range expected {
			answer := map[bool]string{true: "yes", false: "no"}[flip.Allowed]
			for _, user := range flip.Users {
				decided(t, f.Server, f.ask(t, about(user, flip.Resource+":"+flip.Action), f.auditor), answer)
			}
		}
		if got := decodeAs[wire.Simulation](t, f.PostJSON(t, simulatePath,
			`{"groups":[{"id":"midaz-viewer-group","permissions":{"ledgers":["get"],"accounts":["get"]}}]}`, f.auditor)); len(got.Flips) > 0 {
			t.Errorf("what is so already flips %+v", got.Flips)
		}
	})
}

// TestQuestionsAboutAllAreRefused: who may not ask about others learns nothing, and
// what is malformed is named.
func TestQuestionsAboutAllAreRefused(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		const who, what = `{"resource":"ledgers","action":"get"}`, `{"users":[{"sub":"nina","groups":[]}]}`
		many := strings.Repeat(`{"id":"g","deleted":true},`, 1000) + `{"id":"g","deleted":true}`
		for _, tt := range []struct {
			path, body  string
			as          servertest.With
			code, field string
		}{
			{whoCanPath, who, f.viewer, "AUT-2002", "permission"},
			{whoCanPath, who, f.midaz, "AUT-2002", "permission"},
			{simulatePath, what, f.viewer, "AUT-2002", "permission"},
			{simulatePath, what, f.midaz, "AUT-2002", "permission"},
			{whoCanPath, `{"resource":"ledgers"}`, f.auditor, "AUT-0001", "action"},
			{whoCanPath, `{"resource":"ledgers","action":"get","sub":"x"}`, f.auditor, "AUT-0003", "sub"},
			{whoCanPath, `{"resource":"ledgers","action":"get","limit":0}`, f.auditor, "AUT-0009", "limit"},
			{whoCanPath, `{"resource":"ledgers","action":"get","limit":1001}`, f.auditor, "AUT-0009", "limit"},
			{whoCanPath, `{"resource":"ledgers","action":"get","limit":"9"}`, f.auditor, "AUT-0009", "limit"},
			{whoCanPath, `{"resource":"ledgers","action":"get","limit":1.5}`, f.auditor, "AUT-0009", "limit"},
			{simulatePath, `{}`, f.auditor, "AUT-0001", "groups"},
			{simulatePath, `{"groups":[],"users":[]}`, f.auditor, "AUT-0001", "users"},
			{simulatePath, `{"groups":{}}`, f.auditor, "AUT-0009", "groups"},
			{simulatePath, `{"groups":[7]}`, f.auditor, "AUT-0009", "groups.0"},
			{simulatePath, `{"groups":[` + many + `]}`, f.auditor, "AUT-0009", "groups"},
			{simulatePath, `{"groups":[{"id":"a-group"}]}`, f.auditor, "AUT-0001", "groups.0.permissions"},
			{simulatePath, `{"groups":[{"permissions":{}}]}`, f.auditor, "AUT-0001", "groups.0.id"},
			{simulatePath, `{"groups":[{"id":"A Group","permissions":{}}]}`, f.auditor, "AUT-0009", "groups.0.id"},
			{simulatePath, `{"groups":[{"id":"a-group","permissions":{"x":"y"}}]}`, f.auditor, "AUT-0009", "groups.0.permissions"},
			{simulatePath, `{"groups":[{"id":"a-group","permissions":{"x":["y y"]}}]}`, f.auditor, "AUT-0009", "groups.0.permissions"},
			{simulatePath, `{"groups":[{"id":"a-group","deleted":true}]}`, f.auditor, "AUT-0009", "groups.0.id"},
			{simulatePath, `{"groups":[{"id":"a-group","deleted":"yes"}]}`, f.auditor, "AUT-0009", "groups.0.deleted"},
			{simulatePath, `{"groups":[{"id":"watchers","deleted":true,"permissions":{}}]}`, f.auditor, "AUT-0009", "groups.0.permissions"},
			{simulatePath, `{"groups":[{"id":"watchers","deleted":true},{"id":"watchers","deleted":true}]}`, f.auditor, "AUT-0009", "groups.1.id"},
			{simulatePath, `{"groups":[{"id":"watchers","name":"x","deleted":true}]}`, f.auditor, "AUT-0003", "groups.0.name"},
			{simulatePath, `{"users":[{"sub":"nina"}]}`, f.auditor, "AUT-0001", "users.0.groups"},
			{simulatePath, `{"users":[{"sub":"nina","groups":[1]}]}`, f.auditor, "AUT-0009", "users.0.groups"},
			{simulatePath, `{"users":[{"sub":"nina","groups":["nothing"]}]}`, f.auditor, "AUT-0009", "users.0.groups"},
			{simulatePath, `{"groups":[{"id":"watchers","deleted":true}],"users":[{"sub":"nina","groups":["watchers"]}]}`, f.auditor, "AUT-0009", "users.0.groups"},
			{simulatePath, `{"users":[{"sub":"nobody","groups":[]}]}`, f.auditor, "AUT-1015", "users.0.sub"},
			{simulatePath, `{"users":[{"sub":"nina","groups":[]},{"sub":"$nina","groups":[]}]}`, f.auditor, "AUT-0009", "users.1.sub"},
		} {
			a := f.PostJSON(t, tt.path, f.fill(tt.body), tt.as)
			want(t, a, statuses[tt.code], tt.code)
			if fields, _ := a.JSON["fields"].(map[string]any); fields[tt.field] == nil {
				t.Errorf("%.200s: %s, want the field %s", tt.body, fmt.Sprint(a.JSON["fields"]), tt.field)
			}
		}
	})
}
