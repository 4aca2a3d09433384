package server_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
	"gatehouse/storage/storagetest"
)

// crowded is a server on a database with storagetest.CreateCrowd in it.
type crowded struct {
	*servertest.Server
	people                       []identity.User
	member, auditor, application servertest.With // tokens: of ten groups, of permissions:get, of the first product
	memberID                     string
}

func newCrowded(b *testing.B, dsn string) *crowded {
	b.Helper()
	people := storagetest.CreateCrowd(b, dsn)
	s := servertest.Start(b, servertest.Options{DSN: dsn})
	w := &crowded{Server: s, people: people}
	admin := s.Admin(b)
	groups := make([]string, 10)
	for i := range groups {
		groups[i] = storagetest.CrowdGroup(memberGroup(i)).ID
	}
	w.memberID = s.NewUser(b, admin, "member", groups...)
	s.NewGroup(b, admin, "auditors", map[string][]string{"permissions": {"get"}})
	s.NewUser(b, admin, "auditor", "auditors")
	w.member, w.auditor = s.ActAs(b, "member", servertest.NewPassword), s.ActAs(b, "auditor", servertest.NewPassword)
	id, secret := s.NewApplication(b, storagetest.CrowdProduct(0))
	w.application = s.ActAsApplication(b, id, secret)
	return w
}

// memberGroup is the number of one of the ten groups of the member.
func memberGroup(i int) int { return 5 + 997*i }

// permittedBy is one of the permissions of a group of the crowd.
func permittedBy(group int) string {
	permissions := storagetest.CrowdGroup(group).Permissions
	resource := slices.Min(slices.Collect(maps.Keys(permissions)))
	return resource + ":" + permissions[resource][0]
}

// handle has the server's handler answer a request, without a network.
func (w *crowded) handle(b *testing.B, method, path, body string, as servertest.With) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	as(r)
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		b.Fatalf("%d %.300s", answer.Code, answer.Body)
	}
}

// BenchmarkAuthorize asks for decisions through the handler, in a database with
// 100,000 users and a million permissions.
func BenchmarkAuthorize(b *testing.B) {
	for _, db := range storagetest.Databases() {
		b.Run(db.Name, func(b *testing.B) {
			w := newCrowded(b, db.DSN(b))
			own := permittedBy(memberGroup(9))
			others := make([]string, 1000)
			for i := range others {
				others[i] = about("org/"+w.people[rand.IntN(len(w.people))].ID, own)
			}
			for _, bench := range []struct {
				name, method, path, body string
				as                       servertest.With
			}{
				{"user", http.MethodPost, authorizePath, about("", own), w.member},
				{"application", http.MethodPost, authorizePath, about("admin/"+storagetest.CrowdProduct(0)+"-editor-role", permittedBy(0)), w.application},
				{"explained", http.MethodPost, authorizePath + "?explain=true", about("org/"+w.memberID, own), w.auditor},
				{"batch of 10", http.MethodPost, batchPath, batchOf(slices.Repeat([]string{about("", own)}, 10)...), w.member},
				{"batch of 1000", http.MethodPost, batchPath, batchOf(slices.Repeat([]string{about("", own)}, 1000)...), w.member},
				{"batch about 1000 users", http.MethodPost, batchPath, batchOf(others...), w.auditor},
				{"permissions of ten groups", http.MethodGet, listPath, "", w.member},
			} {
				b.Run(bench.name, func(b *testing.B) {
					reads := w.Reads.Load()
					b.ReportAllocs()
					for b.Loop() {
						w.handle(b, bench.method, bench.path, bench.body, bench.as)
					}
					b.ReportMetric(float64(w.Reads.Load()-reads)/float64(b.N), "stmts/op")
				})
			}
			b.Run("after a group has changed", w.afterAChange)
		})
	}
}

// afterAChange asks for the first decision after one of ten thousand groups was
// changed, which has that one read again.
func (w *crowded) afterAChange(b *testing.B) {
	var reads int64
	body := about("", permittedBy(memberGroup(9)))
	b.ResetTimer()
	for i := range b.N {
		b.StopTimer()
		g := storagetest.CrowdGroup(997 * (i % 9))
		g.Version += int64(i)
		if err := w.Store.UpdateGroup(context.WithoutCancel(b.Context()), g); err != nil {
			b.Fatal(err)
		}
		before := w.Reads.Load()
		b.StartTimer()
		w.handle(b, http.MethodPost, authorizePath, body, w.member)
		reads += w.Reads.Load() - before
	}
	b.ReportMetric(float64(reads)/float64(b.N), "stmts/op")
}
