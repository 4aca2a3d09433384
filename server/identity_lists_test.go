package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/identity/admin"
	"gatehouse/server"
	"gatehouse/server/servertest"
)

// usernames are those in a list, in either form.
func usernames(t *testing.T, a servertest.Answer) []string {
	t.Helper()
	want(t, a, http.StatusOK, "")
	var users []struct {
		Username string `json:"username"`
	}
	items := json.RawMessage(a.Body)
	if a.JSON != nil {
		var page struct{ Items json.RawMessage }
		if err := json.Unmarshal(a.Body, &page); err != nil {
			t.Fatal(err)
		}
		items = page.Items
	}
	if err := json.Unmarshal(items, &users); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, u := range users {
		names = append(names, u.Username)
	}
	return names
}

func TestUserLists(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		s.NewUser(t, w.admin, "Gracie", "clerks", "admin-group")
		s.NewUser(t, w.admin, "bob", "admin-group")
		for path, names := range map[string][]string{
			"/v1/users":                           {"ada", "grace", "alan", "Gracie", "bob"},
			"/v1/users?limit=2":                   {"ada", "grace"},
			"/v1/users?limit=2&page=3":            {"bob"},
			"/v1/users?limit=2&page=4":            {},
			"/v1/users?page=2147483647&limit=100": {},
			"/v1/users?sort=username":             {"ada", "alan", "bob", "grace", "Gracie"},
			"/v1/users?sort=-username&limit=1":    {"Gracie"},
			"/v1/users?q=GRA&sort=createdAt":      {"grace", "Gracie"},
			"/v1/users?q=love":                    {"ada"},
			"/v1/users?username=GRACE":            {"grace"},
			"/v1/users?email=BOB@EXAMPLE.COM":     {"bob"},
			"/v1/users?group=clerks&q=gracie":     {"Gracie"},
			"/v1/users?group=admin-group&q=b":     {"bob"},
			"/v1/users/?q=%20":                    nil,
			"/v1/users?q=100%25":                  nil,
			"/v1/users?username=grace&email=a@b":  nil,
			"/v1/users?username=g%25":             nil,
		} {
			a := s.Get(t, path, w.admin)
			if names == nil {
				want(t, a, http.StatusNotFound, "IDE-1004")
			} else if diff := cmp.Diff(names, usernames(t, a)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
	})
}

// TestNeighboursOfPages: Link leads through all pages and nowhere else.
func TestNeighboursOfPages(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	w := newWorld(t, s)
	for i := range 4 {
		s.NewUser(t, w.admin, fmt.Sprintf("user-%d", i), "clerks")
	}
	rel := func(a servertest.Answer, name string) string {
		found := regexp.MustCompile(`<([^>]*)>; rel="` + name + `"`).FindStringSubmatch(a.Header.Get("Link"))
		if found == nil {
			return ""
		}
		return found[1]
	}
	var names []string
	first := s.Get(t, "/v1/users?group=clerks&limit=4&q=", w.admin)
	at, last, pages := first, rel(first, "last"), 1
	for ; ; pages++ {
		names = append(names, usernames(t, at)...)
		if at.Header.Get("X-Total-Count") != "6" {
			t.Errorf("X-Total-Count = %q", at.Header.Get("X-Total-Count"))
		}
		if rel(at, "next") == "" {
			break
		}
		at = s.Get(t, rel(at, "next"), w.admin)
	}
	if len(names) != 6 || pages != 2 || rel(at, "prev") == "" || rel(first, "prev") != "" || rel(first, "first") == "" || last != "/v1/users?group=clerks&limit=4&page=2&q=" {
		t.Errorf("found %v; first page %q, last page %q", names, first.Header.Get("Link"), at.Header.Get("Link"))
	}
	if beyond := s.Get(t, "/v1/users?limit=10&page=99", w.admin); rel(beyond, "prev") != "/v1/users?limit=10&page=1" || rel(beyond, "next") != "" {
		t.Errorf("a page past the end links to %q", beyond.Header.Get("Link"))
	}
}

// TestArrays: older consoles get lists without the object around them.
func TestArrays(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{Config: func(c *server.Config) { c.Identity.ListFormat = admin.ListArray }})
	w := newWorld(t, s)
	a := s.Get(t, "/v1/users?limit=1&page=2", w.admin)
	if diff := cmp.Diff([]string{"grace"}, usernames(t, a)); diff != "" || a.Header.Get("X-Total-Count") != "3" {
		t.Errorf("users: %s %v", diff, a.Header)
	}
	a = s.Get(t, "/v1/groups", w.admin)
	var groups []struct{ ID string }
	if err := json.Unmarshal(a.Body, &groups); err != nil || len(groups) != 2 {
		t.Errorf("groups: %v %s", err, a.Body)
	}
}

// TestApplicationLists: all of them unless pages are asked for.
func TestApplicationLists(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		for i := range 8 {
			want(t, w.do(t, http.MethodPost, "/v1/applications", fmt.Sprintf(`{"name":"billing","description":"no. %d"}`, i)), http.StatusCreated, "")
		}
		count := func(path string) (int, servertest.Answer) {
			a := s.Get(t, path, w.admin)
			want(t, a, http.StatusOK, "")
			var apps []map[string]any
			if err := json.Unmarshal(a.Body, &apps); err != nil {
				t.Fatal(err)
			}
			for _, app := range apps {
				if app["clientSecret"] != nil {
					t.Errorf("a secret is shown: %v", app)
				}
			}
			return len(apps), a
		}
		for path, n := range map[string]int{
			"/v1/applications": 12, "/v1/applications?page=1": 10, "/v1/applications?page=2": 2, "/v1/applications?limit=5": 5, "/v1/applications?page=9": 0,
		} {
			if got, a := count(path); got != n || a.Header.Get("X-Total-Count") != "12" {
				t.Errorf("%s lists %d of %s, want %d", path, got, a.Header.Get("X-Total-Count"), n)
			}
		}
	})
}

// TestGroupsNameTheirMembers: the first hundred of them, and how many there are.
func TestGroupsNameTheirMembers(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		ids := make([]string, 101)
		for i := range ids {
			ids[i] = s.SomeUser(t, fmt.Sprintf("member-%03d", i), "clerks")
		}
		a := s.Get(t, "/v1/groups/clerks", w.admin)
		want(t, a, http.StatusOK, "")
		users, _ := a.JSON["users"].([]any)
		if len(users) != 100 || a.JSON["userCount"] != 103.0 || users[0] != "grace" {
			t.Errorf("%d users of %v, the first %v", len(users), a.JSON["userCount"], users[0])
		}
		want(t, w.do(t, http.MethodDelete, "/v1/groups/clerks/members/$grace", nil), http.StatusNoContent, "")
		a = s.Get(t, "/v1/groups", w.admin)
		want(t, a, http.StatusOK, "")
		clerks, _ := a.JSON["items"].([]any)[1].(map[string]any)
		if clerks["userCount"] != 102.0 || len(clerks["users"].([]any)) != 100 {
			t.Errorf("listed: %v", clerks["userCount"])
		}
	})
}
