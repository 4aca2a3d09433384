package server_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/server/servertest"
)

// writers is how many change the same thing at once.
const writers = 32

// atOnce has all writers ask, each from one of two nodes, and counts the answers
// by status. 503 is one that may be: nothing was changed then.
func atOnce(t *testing.T, w *world, ask func(t *testing.T, node *servertest.Server, i int) servertest.Answer) map[int]int {
	t.Helper()
	nodes := []*servertest.Server{w.Server, w.Another(t, servertest.Options{Config: w.sameIssuer})}
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			a := ask(t, nodes[i%2], i)
			mu.Lock()
			defer mu.Unlock()
			if counts[a.Status]++; a.Status == http.StatusInternalServerError {
				t.Errorf("%s", a.Body)
			}
		})
	}
	all.Wait()
	return counts
}

// TestWritersOfOneUser: with If-Match one of all wins, without it all do, and
// each of them is a version.
func TestWritersOfOneUser(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		path := "/v1/users/" + w.graceID
		change := func(with ...servertest.With) func(t *testing.T, node *servertest.Server, i int) servertest.Answer {
			return func(t *testing.T, node *servertest.Server, i int) servertest.Answer {
				return node.JSON(t, http.MethodPatch, path, fmt.Sprintf(`{"metadata":{"writer":%d}}`, i), append(with, w.admin)...)
			}
		}
		tag := s.Get(t, path, w.admin).Header.Get("ETag")
		if got := atOnce(t, w, change(servertest.Header("If-Match", tag))); got[http.StatusOK] != 1 || got[http.StatusPreconditionFailed] != writers-1 {
			t.Errorf("with If-Match: %v", got)
		}
		got := atOnce(t, w, change())
		if got[http.StatusOK]+got[http.StatusServiceUnavailable] != writers {
			t.Errorf("without If-Match: %v", got)
		}
		a := s.Get(t, path, w.admin)
		if want := strconv.Quote(strconv.Itoa(2 + got[http.StatusOK])); a.Header.Get("ETag") != want {
			t.Errorf("the version is %s, want %s", a.Header.Get("ETag"), want)
		}
		events, _ := auditPage(t, w, "?limit=100&action=user.update&subject="+w.graceID)
		done := 0
		for _, e := range events {
			if e.Code == "" {
				done++
			}
		}
		if done != 1+got[http.StatusOK] {
			t.Errorf("%d changes in the audit trail, want %d", done, 1+got[http.StatusOK])
		}
	})
}

// TestWritersOfOneGroup: joining, leaving and changing a group at once leaves it
// as one of the orders would.
func TestWritersOfOneGroup(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		ids := make([]string, writers)
		for i := range ids {
			ids[i] = s.SomeUser(t, fmt.Sprintf("member-%d", i))
		}
		s.NewGroup(t, w.admin, "crowd", nil)
		got := atOnce(t, w, func(t *testing.T, node *servertest.Server, i int) servertest.Answer {
			return node.JSON(t, http.MethodPut, "/v1/groups/crowd/members/"+ids[i], nil, w.admin)
		})
		a := s.Get(t, "/v1/groups/crowd", w.admin)
		if a.JSON["userCount"] != float64(got[http.StatusNoContent]) || got[http.StatusNoContent]+got[http.StatusServiceUnavailable] != writers {
			t.Errorf("%v members after %v", a.JSON["userCount"], got)
		}
		got = atOnce(t, w, func(t *testing.T, node *servertest.Server, i int) servertest.Answer {
			switch i % 4 {
			case 0:
				return node.JSON(t, http.MethodDelete, "/v1/groups/crowd/members/"+ids[i], nil, w.admin)
			case 1:
				return node.JSON(t, http.MethodPatch, "/v1/groups/crowd", fmt.Sprintf(`{"name":"no. %d"}`, i), w.admin)
			case 2:
				return node.JSON(t, http.MethodPut, "/v1/groups/crowd/members/"+w.graceID, nil, w.admin)
			default:
				return node.JSON(t, http.MethodDelete, "/v1/users/"+ids[i], nil, w.admin)
			}
		})
		a = s.Get(t, "/v1/groups/crowd", w.admin)
		listed := usernames(t, s.Get(t, "/v1/users?group=crowd&limit=100", w.admin))
		if float64(len(listed)) != a.JSON["userCount"] {
			t.Errorf("%v members, %d listed, after %v", a.JSON["userCount"], len(listed), got)
		}
		// One of all who delete it does.
		got = atOnce(t, w, func(t *testing.T, node *servertest.Server, _ int) servertest.Answer {
			return node.JSON(t, http.MethodDelete, "/v1/groups/crowd", nil, w.admin)
		})
		if got[http.StatusNoContent] != 1 || got[http.StatusNotFound]+got[http.StatusServiceUnavailable] != writers-1 {
			t.Errorf("deleted: %v", got)
		}
	})
}

// TestCreatorsOfOneUser: one of all gets the name, and the others learn why not.
func TestCreatorsOfOneUser(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		got := atOnce(t, w, func(t *testing.T, node *servertest.Server, i int) servertest.Answer {
			name := "joan"
			if i%2 == 0 {
				name = "JOAN"
			}
			return node.JSON(t, http.MethodPost, "/v1/users", newUser(`"joan"`, `"`+name+`"`), w.admin)
		})
		if got[http.StatusCreated] != 1 || got[http.StatusConflict]+got[http.StatusServiceUnavailable] != writers-1 {
			t.Errorf("created: %v", got)
		}
	})
}

// TestTheLastAdministratorStays: however many administrators take each other away
// at once and in whatever way, one is left who can act.
func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		const admins = 8
		ids, tokens := make([]string, admins), make([]servertest.With, admins)
		for i := range ids {
			name := fmt.Sprintf("admin-%d", i)
			ids[i] = s.NewUser(t, w.admin, name, "admin-group")
			tokens[i] = s.ActAs(t, name, servertest.NewPassword)
		}
		want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+w.UserID, `{"groups":["clerks"]}`, tokens[0]), http.StatusOK, "")
		ways := []func(id string) (method, path, body string){
			func(id string) (string, string, string) {
				return http.MethodPatch, "/v1/users/" + id, `{"groups":["clerks"]}`
			},
			func(id string) (string, string, string) {
				return http.MethodPatch, "/v1/users/" + id, `{"disabled":true}`
			},
			func(id string) (string, string, string) { return http.MethodDelete, "/v1/users/" + id, `` },
			func(id string) (string, string, string) {
				return http.MethodDelete, "/v1/groups/admin-group/members/" + id, ``
			},
		}
		got := atOnce(t, w, func(t *testing.T, node *servertest.Server, i int) servertest.Answer {
			method, path, body := ways[i/admins](ids[(i+1+i/admins)%admins])
			return node.JSON(t, method, path, body, tokens[i%admins])
		})
		left := 0
		for i, token := range tokens {
			var a servertest.Answer
			within(t, time.Second, fmt.Sprintf("administrator no. %d acts, and is not listed", i), func() bool {
				a = s.Get(t, "/v1/users?group=admin-group&limit=100", token)
				return a.Status != http.StatusOK || strings.Contains(string(a.Body), ids[i])
			})
			if a.Status == http.StatusOK {
				left++
			}
		}
		if left == 0 {
			t.Errorf("nobody is left, after %v", got)
		}
	})
}
