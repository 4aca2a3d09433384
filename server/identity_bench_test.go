package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

// BenchmarkIdentity measures requests to the identity API through the handler, on
// SQLite with 1,000 users. In paths and bodies, %d is a number that goes up.
func BenchmarkIdentity(b *testing.B) {
	s := servertest.Start(b, servertest.Options{})
	w := newWorld(b, s)
	for i := range 1000 {
		s.SomeUser(b, fmt.Sprintf("user-%04d", i), "clerks")
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	w.admin(r)
	token := r.Header.Get("Authorization")
	n := 0
	for _, bench := range []struct{ name, method, path, body string }{
		{"ReadUser", http.MethodGet, "/v1/users/$grace", ``},
		{"ListUsers", http.MethodGet, "/v1/users?limit=100", ``},
		{"ListUsersDeep", http.MethodGet, "/v1/users?limit=10&page=100", ``},
		{"ListUsersSorted", http.MethodGet, "/v1/users?limit=10&page=50&sort=-email", ``},
		{"FindUsers", http.MethodGet, "/v1/users?q=USER-05", ``},
		{"FindUsersInGroup", http.MethodGet, "/v1/users?q=user-05&group=clerks", ``},
		{"LookUpUser", http.MethodGet, "/v1/users?username=User-0500", ``},
		{"ListGroups", http.MethodGet, "/v1/groups", ``},
		{"ReadGroup", http.MethodGet, "/v1/groups/clerks", ``},
		{"ListApplications", http.MethodGet, "/v1/applications", ``},
		{"ListAuditEvents", http.MethodGet, "/v1/audit-events", ``},
		{"Refused", http.MethodGet, "/v1/users", ``},
		{"CreateUser", http.MethodPost, "/v1/users", `{"username":"new-%d","email":"new-%d@example.com","firstName":"N","lastName":"%d","password":"Banburismus-Hut-8!","groups":["clerks"]}`},
		{"UpdateUser", http.MethodPatch, "/v1/users/$grace", `{"lastName":"No. %d"}`},
		{"CreateGroup", http.MethodPost, "/v1/groups", `{"id":"group-%d","name":"Group %d","permissions":{"invoices":["get"]}}`},
		{"UpdateGroup", http.MethodPatch, "/v1/groups/clerks", `{"name":"No. %d"}`},
		{"CreateApplication", http.MethodPost, "/v1/applications", `{"name":"billing","description":"No. %d"}`},
		{"UpdateApplication", http.MethodPatch, "/v1/applications/$app", `{"description":"No. %d"}`},
		{"RotateSecret", http.MethodPost, "/v1/applications/$app/rotate-secret", `{}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			ids := strings.NewReplacer("$grace", w.graceID, "$app", w.applicationID)
			b.ReportAllocs()
			for b.Loop() {
				n++
				body := ids.Replace(strings.ReplaceAll(bench.body, "%d", fmt.Sprint(n)))
				r := httptest.NewRequest(bench.method, ids.Replace(bench.path), strings.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				if bench.name != "Refused" {
					r.Header.Set("Authorization", token)
				}
				answer := httptest.NewRecorder()
				s.Handler().ServeHTTP(answer, r)
				if (answer.Code >= 300) != (bench.name == "Refused") {
					b.Fatalf("%d %s", answer.Code, answer.Body)
				}
			}
		})
	}
}
