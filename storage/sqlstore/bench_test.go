package sqlstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/identity"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// The benchmarks run 32 callers at once on databases that wait for the disk.
//
//	go test -run '^$' -bench . ./storage/sqlstore
func eachStore(b *testing.B, run func(b *testing.B, s *sqlstore.Store)) {
	for _, db := range []storagetest.Database{
		{Name: "sqlite", DSN: storagetest.SQLite},
		{Name: "postgres", DSN: storagetest.DurablePostgres},
	} {
		b.Run(db.Name, func(b *testing.B) {
			s := db.Open(b)
			b.ReportAllocs()
			b.SetParallelism(16)
			run(b, s)
		})
	}
}

// parallel has all callers call f until b.N calls are made.
func parallel(b *testing.B, f func(ctx context.Context) error) {
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := f(b.Context()); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func hash() []byte {
	h := make([]byte, 32)
	rand.Read(h)
	return h
}

func BenchmarkCreateSession(b *testing.B) {
	eachStore(b, func(b *testing.B, s *sqlstore.Store) {
		parallel(b, func(ctx context.Context) error {
			return s.CreateSession(ctx, newSession(uuid.NewString(), hash()))
		})
	})
}

func BenchmarkCreateSessionOfSignIn(b *testing.B) {
	eachStore(b, func(b *testing.B, s *sqlstore.Store) {
		users := make([]string, 1000)
		for i := range users {
			users[i] = uuid.Must(uuid.NewV7()).String()
			err := s.CreateUser(b.Context(), identity.User{ID: users[i], Username: users[i], Email: users[i] + "@example.com", CreatedAt: time.Now(), UpdatedAt: time.Now()})
			if err != nil {
				b.Fatal(err)
			}
		}
		var n atomic.Int64
		parallel(b, func(ctx context.Context) error {
			session := newSession(users[n.Add(1)%1000], hash())
			session.SignedIn = aSignIn(session.UserID)
			return s.CreateSession(ctx, session)
		})
	})
}

func BenchmarkRotateRefresh(b *testing.B) {
	eachStore(b, func(b *testing.B, s *sqlstore.Store) {
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			live := hash()
			session := newSession(uuid.NewString(), live)
			if err := s.CreateSession(b.Context(), session); err != nil {
				b.Error(err)
				return
			}
			for pb.Next() {
				now, next := time.Now(), hash()
				ok, err := s.RotateRefresh(b.Context(), storage.Rotation{
					SessionID: session.ID, Spent: live, Next: next, Successor: make([]byte, 120),
					At: now, ExpiresAt: now.Add(24 * time.Hour),
				})
				if err != nil || !ok {
					b.Error(ok, err)
					return
				}
				live = next
			}
		})
	})
}

func BenchmarkSession(b *testing.B) {
	eachStore(b, func(b *testing.B, s *sqlstore.Store) {
		ids := make([]string, 1000)
		for i := range ids {
			session := newSession(uuid.NewString(), hash())
			ids[i] = session.ID
			if err := s.CreateSession(b.Context(), session); err != nil {
				b.Fatal(err)
			}
		}
		var n atomic.Int64
		parallel(b, func(ctx context.Context) error {
			_, err := s.Session(ctx, ids[n.Add(1)%1000])
			return err
		})
	})
}

func BenchmarkSignIn(b *testing.B) {
	eachStore(b, func(b *testing.B, s *sqlstore.Store) {
		for i := range 1000 {
			err := s.CreateUser(b.Context(), identity.User{
				ID: uuid.Must(uuid.NewV7()).String(), Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.com", i),
				Groups: []string{identity.AdminGroup}, CreatedAt: time.Now(), UpdatedAt: time.Now(),
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		var n atomic.Int64
		parallel(b, func(ctx context.Context) error {
			name := fmt.Sprintf("user%d", n.Add(1)%1000)
			_, err := s.SignIn(ctx, storage.SignInQuery{Username: name, Keys: []string{"user:" + name, "address:203.0.113.7"}})
			return err
		})
	})
}
