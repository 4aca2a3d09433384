package server_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server"
	"gatehouse/server/ratelimit"
	"gatehouse/server/servertest"
)

// unprovoked are the Identity codes that no answer as a whole has.
var unprovoked = []string{
	"IDE-2016", // of a line of an import
}

// refusal makes a server refuse a request with a code.
type refusal struct {
	code   string
	ask    func(t *testing.T, w *world) servertest.Answer
	fields []string // those that must be named, and no others
}

func asking(method, path string, body any, with ...servertest.With) func(t *testing.T, w *world) servertest.Answer {
	return func(t *testing.T, w *world) servertest.Answer { return w.do(t, method, path, body, with...) }
}

// newUser is the body of a sound POST /v1/users, with some of it replaced.
func newUser(old, replacement string) string {
	const sound = `{"username":"joan","email":"joan@example.com","firstName":"Joan","lastName":"Clarke","password":"Banburismus-Hut-8!","groups":["clerks"]}`
	if old != "" && !strings.Contains(sound, old) {
		return "no " + old
	}
	return strings.Replace(sound, old, replacement, 1)
}

// refusals follows the contract's list of codes.
func refusals() []refusal {
	const post, get, patch, put, remove = http.MethodPost, http.MethodGet, http.MethodPatch, http.MethodPut, http.MethodDelete
	const nobody = "0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04"
	none := servertest.Header("Authorization", "")
	return []refusal{
		{"IDE-0001", asking(post, "/v1/users", `{}`), []string{"username", "email", "firstName", "lastName", "password", "groups"}},
		{"IDE-0001", asking(post, "/v1/users", newUser(`["clerks"]`, `[]`)), []string{"groups"}},
		{"IDE-0001", asking(post, "/v1/groups", `{"id":"x"}`), []string{"name"}},
		{"IDE-0001", asking(post, "/v1/applications", `{"name":"billing"}`), []string{"description"}},
		{"IDE-0001", asking(post, "/v1/products", `{}`), []string{"name"}},
		{"IDE-0001", asking(patch, "/v1/users/$ada/update-password", `{"oldPassword":"x"}`), []string{"newPassword"}},
		{"IDE-0001", asking(patch, "/v1/users/$grace", `{"email":"","groups":[]}`), []string{"email", "groups"}},
		{"IDE-0002", asking(post, "/v1/users", newUser(`"joan"`, `7`)), []string{"username"}},
		{"IDE-0002", asking(patch, "/v1/users/$grace", `{"disabled":"no","groups":[1]}`), []string{"disabled", "groups"}},
		{"IDE-0002", asking(post, "/v1/groups", `{"id":"x","name":"X","permissions":{"a":"get"}}`), []string{"permissions"}},
		{"IDE-0002", asking(post, "/v1/applications/$app/rotate-secret", `{"keepOldFor":"1"}`), []string{"keepOldFor"}},
		{"IDE-0002", asking(post, "/v1/users", `[]`), []string{"body"}},
		{"IDE-0003", asking(get, "/v1/users/7", nil), []string{"id"}},
		{"IDE-0003", asking(get, "/v1/users/{"+nobody+"}", nil), []string{"id"}},
		{"IDE-0003", asking(get, "/v1/users/%2F"+nobody[1:], nil), []string{"id"}},
		{"IDE-0003", asking(get, "/v1/users/%ff%00", nil), []string{"id"}},
		{"IDE-0003", asking(patch, "/v1/applications/billing", `{}`), []string{"id"}},
		{"IDE-0003", asking(get, "/v1/groups/No_Slug", nil), []string{"id"}},
		{"IDE-0003", asking(put, "/v1/groups/clerks/members/grace", nil), []string{"userId"}},
		{"IDE-0003", asking(remove, "/v1/users/$grace/sessions/1", nil), []string{"sessionId"}},
		{"IDE-0003", asking(get, "/v1/products/No%20slug", nil), []string{"name"}},
		{"IDE-0003", asking(get, "/v1/refusals/a%20b", nil), []string{"requestId"}},
		{"IDE-0004", asking(post, "/v1/users", newUser(`{`, `{"role":"admin","id":"`+nobody+`",`)), []string{"role", "id"}},
		{"IDE-0004", asking(patch, "/v1/groups/clerks", `{"colour":"red"}`), []string{"colour"}},
		{"IDE-0005", asking(get, "/v1/users?page=0&limit=101&sort=shoeSize&colour=red", nil), []string{"page", "limit", "sort", "colour"}},
		{"IDE-0005", asking(get, "/v1/users?page=99999999999999999999", nil), []string{"page"}},
		{"IDE-0005", asking(get, "/v1/users?q=a&q=b", nil), []string{"q"}},
		{"IDE-0005", asking(get, "/v1/users?q=%00", nil), []string{"q"}},
		{"IDE-0005", asking(get, "/v1/users?q=%ff", nil), []string{"q"}},
		{"IDE-0005", asking(get, "/v1/users?q="+strings.Repeat("q", 256), nil), []string{"q"}},
		{"IDE-0005", asking(get, "/v1/groups?q=a", nil), []string{"q"}},
		{"IDE-0005", asking(get, "/v1/applications?limit=1e1", nil), []string{"limit"}},
		{"IDE-0005", asking(get, "/v1/audit-events?from=yesterday&before=1", nil), []string{"from", "before"}},
		{"IDE-0006", brokenIdentity, nil},
		{"IDE-0007", asking(post, "/v1/users", `{"username":`), []string{"body"}},
		{"IDE-0007", asking(post, "/v1/users", newUser(`"groups"`, `"username":"j","groups"`)), []string{"username"}},
		{"IDE-0007", asking(post, "/v1/users", "{\"a\":\"\xff\"}"), []string{"body"}},
		{"IDE-0007", asking(post, "/v1/users", newUser(`Joan`, `\u0000`)), []string{"firstName"}},
		{"IDE-0007", asking(post, "/v1/users", strings.Repeat(`{"a":`, 100)+`1`+strings.Repeat(`}`, 100)), nil},
		{"IDE-0007", asking(post, "/v1/users", newUser(`"joan"`, `"jo an"`)), []string{"username"}},
		{"IDE-0007", asking(patch, "/v1/users/$grace", `{}`, servertest.Header("If-Match", `1`)), []string{"If-Match"}},
		{"IDE-0008", asking(get, "/v1/users", nil, none), nil},
		{"IDE-0008", asking(get, "/v1/users", nil, servertest.Header("Authorization", "Basic YTpi")), nil},
		{"IDE-0009", asking(get, "/v1/users", nil, servertest.Bearer("a.b.c")), nil},
		{"IDE-0009", endedIdentity, nil},
		{"IDE-0010", asking(patch, "/v1/users/$grace", `{"password":"x"}`), []string{"password"}},
		{"IDE-0010", asking(patch, "/v1/applications/$app", `{"clientSecret":"x"}`), []string{"clientSecret"}},
		{"IDE-0010", asking(patch, "/v1/groups/admin-group", `{"permissions":{}}`), []string{"permissions"}},
		{"IDE-0011", asking(patch, "/v1/users/$grace", `{"username":"g","id":"1","createdAt":""}`), []string{"username", "id", "createdAt"}},
		{"IDE-0011", asking(patch, "/v1/applications/$app", `{"name":"x","clientId":"y"}`), []string{"name", "clientId"}},
		{"IDE-0011", asking(patch, "/v1/groups/clerks", `{"id":"x"}`), []string{"id"}},
		{"IDE-0011", asking(patch, "/v1/products/billing", `{"name":"x"}`), []string{"name"}},
		{"IDE-0012", asking(post, "/v1/applications", `{"name":"nothing","description":"d"}`), []string{"name"}},
		{"IDE-0013", asking(patch, "/v1/users/$grace/update-password", `{"oldPassword":"x","newPassword":"y"}`), []string{"id"}},
		{"IDE-0013", updateAsApplication, []string{"id"}},
		{"IDE-0014", asking(patch, "/v1/users/$grace", `{"metadata":{"`+strings.Repeat("k", 101)+`":1}}`), []string{"metadata"}},
		{"IDE-0015", asking(patch, "/v1/groups/clerks", `{"metadata":{"k":"`+strings.Repeat("v", 2001)+`"}}`), []string{"metadata"}},
		{"IDE-0016", asking(patch, "/v1/applications/$app", `{"metadata":{"k":{"deep":1}}}`), []string{"metadata"}},
		{"IDE-1001", asking(get, "/v1/applications/"+nobody, nil), nil},
		{"IDE-1001", asking(remove, "/v1/applications/"+nobody, nil), nil},
		{"IDE-1002", emptyIdentity("/v1/applications"), nil},
		{"IDE-1003", asking(patch, "/v1/users/"+nobody, `{}`), nil},
		{"IDE-1003", asking(get, "/v1/users/"+nobody+"/sessions", nil), nil},
		{"IDE-1003", asking(put, "/v1/groups/clerks/members/"+nobody, nil), nil},
		{"IDE-1004", asking(get, "/v1/users?group=nothing", nil), nil},
		{"IDE-1005", emptyIdentity("/v1/groups"), nil},
		{"IDE-1006", asking(get, "/v1/groups/nothing", nil), nil},
		{"IDE-1006", asking(post, "/v1/users", newUser(`"clerks"`, `"nothing"`)), []string{"groups"}},
		{"IDE-1006", asking(put, "/v1/groups/nothing/members/$grace", nil), nil},
		{"IDE-2001", func(t *testing.T, w *world) servertest.Answer { return w.Get(t, "/v1/users", w.grace) }, []string{"permission"}},
		{"IDE-2002", asking(post, "/v1/users", newUser(`"joan","email":"joan@example.com"`, `"GRACE","email":"Alan@Example.com"`)), []string{"username", "email"}},
		{"IDE-2002", asking(patch, "/v1/users/$grace", `{"email":"ALAN@example.com"}`), []string{"email"}},
		{"IDE-2002", asking(post, "/v1/groups", `{"id":"clerks","name":"x"}`), []string{"id"}},
		{"IDE-2002", asking(post, "/v1/products", `{"name":"billing"}`), []string{"name"}},
		{"IDE-2002", asking(put, "/v1/groups/clerks/members/$grace", nil), []string{"userId"}},
		{"IDE-2003", asking(patch, "/v1/users/$grace", `{}`, servertest.Header("If-Match", `"7", W/"1"`)), nil},
		{"IDE-2003", asking(remove, "/v1/groups/clerks", nil, servertest.Header("If-Match", `"0"`)), nil},
		{"IDE-2003", asking(post, "/v1/applications/$app/rotate-secret", nil, servertest.Header("If-Match", `"x"`)), nil},
		{"IDE-2003", asking(patch, "/v1/users/$grace/reset-password", `{"newPassword":"Banburismus-Hut-8!"}`, servertest.Header("If-Match", `"9"`)), nil},
		{"IDE-2004", asking(remove, "/v1/users/$ada", nil), []string{"id"}},
		{"IDE-2004", asking(patch, "/v1/users/$ada", `{"disabled":true}`), []string{"disabled"}},
		{"IDE-2004", asking(patch, "/v1/users/$ada", `{"groups":["clerks"]}`), []string{"groups"}},
		{"IDE-2004", asking(remove, "/v1/groups/admin-group/members/$ada", nil), []string{"userId"}},
		{"IDE-2004", asking(remove, "/v1/groups/admin-group", nil), []string{"id"}},
		{"IDE-2004", asking(remove, "/v1/products/billing", nil), []string{"name"}},
		{"IDE-2004", deleteBuiltIn, []string{"id"}},
		{"IDE-2005", asking(post, "/v1/users", newUser(`Banburismus-Hut-8!`, `weak`)), []string{"password"}},
		{"IDE-2005", asking(patch, "/v1/users/$grace/reset-password", `{"newPassword":"grace@example.com"}`), []string{"newPassword"}},
		{"IDE-2006", asking(patch, "/v1/users/$ada/update-password", `{"oldPassword":"wrong","newPassword":"Banburismus-Hut-8!"}`), []string{"oldPassword"}},
		{"IDE-2007", limitedIdentity, nil},
		{"IDE-2008", asking(post, "/v1/users", `{"a":"`+strings.Repeat("a", 1<<20)+`"}`), nil},
		{"IDE-2009", func(t *testing.T, w *world) servertest.Answer {
			return w.Send(t, post, "/v1/users", "text/plain", []byte(`{}`), w.admin)
		}, nil},
		{"IDE-2010", asking(get, "/v1/users/"+nobody+"/shoes", nil), nil},
		{"IDE-2010", asking(get, "/v1/groups/a/b/c/d", nil, none), nil},
		{"IDE-2011", asking(put, "/v1/users", `{}`), nil},
		{"IDE-2012", func(t *testing.T, w *world) servertest.Answer {
			node := w.Another(t, servertest.Options{Config: w.sameIssuer})
			node.Drain()
			return node.Get(t, "/v1/users", w.admin)
		}, nil},
		{"IDE-2013", asking(remove, "/v1/users/$grace/sessions/"+nobody, nil), nil},
		{"IDE-2014", asking(remove, "/v1/groups/admin-group/members/$grace", nil), nil},
		{"IDE-2015", asking(get, "/v1/refusals/nothing", nil), nil},
		{"IDE-2017", asking(get, "/v1/products/nothing", nil), nil},
		{"IDE-2017", asking(patch, "/v1/products/nothing", `{"description":"x"}`), nil},
		{"IDE-2024", asking(post, "/v1/products", `{"name":"admin"}`), []string{"name"}},
		{"IDE-2025", func(t *testing.T, w *world) servertest.Answer {
			w.NewGroup(t, w.admin, "billing-viewer-group", map[string][]string{"invoices": {"get"}})
			return w.JSON(t, put, "/v1/groups/billing-viewer-group/applications/"+w.applicationID, nil, w.admin)
		}, []string{"id"}},
	}
}

// TestIdentityCodes: each code is answered for its cause, to the letter.
func TestIdentityCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range refusals() {
		seen[r.code] = true
	}
	for _, code := range errors.Catalogue() {
		if strings.HasPrefix(code.ID, "IDE-") && seen[code.ID] == slices.Contains(unprovoked, code.ID) {
			t.Errorf("%s is provoked is %v", code.ID, seen[code.ID])
		}
	}
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		for _, r := range refusals() {
			a := r.ask(t, w)
			code, _ := errors.Lookup(r.code)
			if a.Status != server.StatusOf(code.Kind) || a.Code() != r.code || a.Text("title") != code.Title || a.Text("message") != code.Message {
				t.Errorf("%s: %d %s", r.code, a.Status, a.Body)
			}
			slices.Sort(r.fields)
			if got := slices.Sorted(maps.Keys(a.Fields())); r.fields != nil && !cmp.Equal(got, r.fields) {
				t.Errorf("%s names %v, want %v: %s", r.code, got, r.fields, a.Body)
			}
			if r.fields == nil && a.Fields() != nil && r.code != "IDE-0007" && r.code != "IDE-1006" && r.code != "IDE-1003" {
				t.Errorf("%s names %v", r.code, a.Fields())
			}
			checkRetryAfter(t, a)
		}
	})
}

func brokenIdentity(t *testing.T, w *world) servertest.Answer {
	t.Helper()
	return w.Another(t, servertest.Options{Broken: true, Config: w.sameIssuer}).Get(t, "/v1/users", w.admin)
}

func limitedIdentity(t *testing.T, w *world) servertest.Answer {
	t.Helper()
	strict := w.Another(t, servertest.Options{Config: func(c *server.Config) {
		w.sameIssuer(c)
		c.IdentityLimit = ratelimit.Config{PerMinute: 1}
	}})
	want(t, strict.Get(t, "/v1/users", w.admin), http.StatusOK, "")
	return strict.Get(t, "/v1/users", w.admin)
}

func emptyIdentity(path string) func(t *testing.T, w *world) servertest.Answer {
	return func(t *testing.T, w *world) servertest.Answer {
		node := w.Another(t, servertest.Options{Config: w.sameIssuer, Store: func(s server.Store) server.Store { return emptied{s} }})
		return node.Get(t, path, w.admin)
	}
}

// endedIdentity shows a token whose session was ended.
func endedIdentity(t *testing.T, w *world) servertest.Answer {
	t.Helper()
	token := w.ActAs(t, "grace", servertest.NewPassword)
	want(t, w.do(t, http.MethodDelete, "/v1/users/$grace/sessions", nil), http.StatusNoContent, "")
	a := w.Get(t, "/v1/users", token)
	w.grace = w.ActAs(t, "grace", servertest.NewPassword)
	return a
}

func updateAsApplication(t *testing.T, w *world) servertest.Answer {
	t.Helper()
	return w.do(t, http.MethodPatch, "/v1/users/$ada/update-password", `{"oldPassword":"x","newPassword":"y"}`,
		w.ActAsApplication(t, w.MachineID, w.MachineSecret))
}

func deleteBuiltIn(t *testing.T, w *world) servertest.Answer {
	t.Helper()
	app, err := w.Store.ApplicationByClientID(t.Context(), "gatehouse")
	if err != nil {
		t.Fatal(err)
	}
	return w.do(t, http.MethodDelete, "/v1/applications/"+app.ID, nil)
}
