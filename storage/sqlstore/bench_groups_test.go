package sqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

const (
	policyGroups    = 10_000
	policyResources = 20 // of each group
	policyUsers     = 100_000
)

// policyGroup is one of any number of groups: a hundred pairs of the same few
// resources and actions as all others.
func policyGroup(i int) identity.Group {
	permissions := make(map[string][]string, policyResources)
	for r := range policyResources {
		permissions[fmt.Sprintf("resource-%02d", (i+r)%100)] = []string{"delete", "get", "patch", "post", "put"}
	}
	return identity.Group{
		ID: fmt.Sprintf("product-%05d-group", i), Name: fmt.Sprint("Group ", i), Permissions: permissions,
		CreatedAt: time.Now(), UpdatedAt: time.Now(), Version: 1,
	}
}

// seedGroups fills a database with groups.
func seedGroups(b *testing.B, s *sqlstore.Store, n int) {
	b.Helper()
	for from := 0; from < n; from += seedSize {
		err := s.InTx(b.Context(), func(ctx context.Context) error {
			for i := range min(seedSize, n-from) {
				if err := s.CreateGroup(ctx, policyGroup(from+i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// How long a node takes to read the permissions of all groups.
func BenchmarkPolicy(b *testing.B) {
	for _, db := range storagetest.Databases() {
		b.Run(db.Name, func(b *testing.B) {
			s := db.Open(b)
			seedGroups(b, s, policyGroups)
			b.ReportAllocs()
			for b.Loop() {
				groups, err := s.AllGroups(b.Context())
				if err != nil || len(groups) != policyGroups+1 {
					b.Fatal(len(groups), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
		})
	}
}

// How long it takes to find who is in what, of a group of all users that are in
// up to six others, and of one of a thousandth of them.
func BenchmarkGroupSets(b *testing.B) {
	for _, db := range storagetest.Databases() {
		b.Run(db.Name, func(b *testing.B) {
			dsn := db.DSN(b)
			s := storagetest.Open(b, dsn)
			seedGroups(b, s, policyGroups)
			seed(b, s, policyUsers)
			pool := raw(b, dsn)
			run(b, pool, `INSERT INTO memberships SELECT users.id, groups.id FROM users JOIN groups
				ON groups.id IN (`+sixGroups+`)`)
			run(b, pool, "ANALYZE")
			for _, id := range []string{everyone, "product-00077-group"} {
				b.Run(id, func(b *testing.B) {
					found := 0
					for b.Loop() {
						sets, err := s.GroupSets(b.Context(), []string{id}, 100)
						if err != nil || len(sets) == 0 {
							b.Fatal(err)
						}
						found = len(sets)
					}
					b.ReportMetric(float64(found), "sets")
					b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
				})
			}
		})
	}
}

// sixGroups are some groups of a user, by the digits of its username.
const sixGroups = `'product-00' || substr(username, 9, 3) || '-group', 'product-01' || substr(username, 10, 2) || '0-group',
	'product-01' || substr(username, 11, 1) || '00-group', 'product-02' || substr(username, 11, 1) || '00-group',
	'product-03' || substr(username, 11, 1) || '00-group', 'product-04' || substr(username, 11, 1) || '00-group'`
