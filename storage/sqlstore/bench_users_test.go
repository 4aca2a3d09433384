package sqlstore_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/identity"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// seeds are how many users the benchmarks of lists want in each database.
var seeds = []struct {
	storagetest.Database
	users int
	tidy  string // what a server does by itself after a while
}{
	{storagetest.Database{Name: "sqlite", DSN: storagetest.SQLite}, 100_000, "PRAGMA optimize"},
	{storagetest.Database{Name: "postgres", DSN: storagetest.DurablePostgres}, 1_000_000, "VACUUM ANALYZE"},
}

const (
	everyone = "everyone" // a group of all users
	some     = "some"     // and of one in a hundred
	seedSize = 1000       // users in a transaction
)

// seed fills a database and reports the users per second.
func seed(b *testing.B, s *sqlstore.Store, n int) {
	b.Helper()
	for _, id := range []string{everyone, some} {
		if err := s.CreateGroup(b.Context(), identity.Group{ID: id, CreatedAt: time.Now()}); err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	for from := 0; from < n; from += seedSize {
		users := make([]identity.User, min(seedSize, n-from))
		for i := range users {
			users[i] = seedUser(from + i)
		}
		if err := s.CreateUsers(b.Context(), users); err != nil {
			b.Fatal(err)
		}
		if done := from + len(users); done%(n/10) == 0 {
			fmt.Fprintf(os.Stderr, "seed: %d users, %.0f/s\n", done, float64(done)/time.Since(began).Seconds())
		}
	}
	b.Logf("seeded %d users at %.0f/s", n, float64(n)/time.Since(began).Seconds())
}

// seedUser is one of any number of users. Their names are spread as names are:
// few of them are many people's.
func seedUser(i int) identity.User {
	mixed := i * 7919 % 1_000_003
	u := identity.User{
		ID: uuid.Must(uuid.NewV7()).String(), Username: fmt.Sprintf("user%07d", mixed), Email: fmt.Sprintf("user%07d@example.com", mixed),
		FirstName: "First" + string(rune('a'+i%26)) + fmt.Sprint(i%211), LastName: "Last" + string(rune('a'+i%23)) + fmt.Sprint(i%5003),
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		Groups:       []string{everyone}, CreatedAt: time.Now(), UpdatedAt: time.Now(), Version: 1,
	}
	if i%100 == 0 {
		u.Groups = append(u.Groups, some)
	}
	return u
}

// How long each kind of list takes, on a database as large as it is meant to
// be; p95 is what counts.
func BenchmarkUsers(b *testing.B) {
	for _, seeded := range seeds {
		b.Run(seeded.Name, func(b *testing.B) {
			dsn := seeded.DSN(b)
			s := storagetest.Open(b, dsn)
			seed(b, s, seeded.users)
			run(b, raw(b, dsn), seeded.tidy)
			if blocks, _, err := s.CheckRanks(b.Context()); err != nil || blocks < seeded.users/1000 {
				b.Fatalf("%d blocks, %v", blocks, err)
			}
			for _, query := range listQueries(seeded.users) {
				b.Run(query.name, func(b *testing.B) {
					spread(b, func(ctx context.Context, i int) error { return query.run(ctx, s, i) })
				})
			}
			for _, write := range userWrites(seeded.users) {
				b.Run(write.name, func(b *testing.B) {
					spread(b, func(ctx context.Context, i int) error { return write.run(ctx, s, i) })
				})
			}
		})
	}
}

// spread calls f b.N times and reports how long the median and the slow ones took.
func spread(b *testing.B, f func(ctx context.Context, i int) error) {
	b.Helper()
	took := make([]time.Duration, 0, b.N)
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		if err := f(b.Context(), i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	for name, part := range map[string]int{"p50-ms": 50, "p95-ms": 95} {
		b.ReportMetric(float64(took[len(took)*part/100].Microseconds())/1000, name)
	}
}

type benchmark struct {
	name string
	run  func(ctx context.Context, s *sqlstore.Store, i int) error
}

func listQueries(n int) []benchmark {
	list := func(name string, least int, number func(i int) int, q func(i int) identity.UserQuery) benchmark {
		return benchmark{name, func(ctx context.Context, s *sqlstore.Store, i int) error {
			query := q(i)
			query.Page = identity.Page{Number: number(i), Limit: 100}
			users, total, err := s.Users(ctx, query)
			if err == nil && (total < least || len(users) == 0) {
				return fmt.Errorf("found %d of %d, want at least %d", len(users), total, least)
			}
			return err
		}}
	}
	first := func(int) int { return 1 }
	deep := func(least int) func(i int) int { return func(i int) int { return 1 + i*7919%(least/100) } }
	all := func(q identity.UserQuery) func(int) identity.UserQuery {
		return func(int) identity.UserQuery { return q }
	}
	return []benchmark{
		list("first page", n, first, all(identity.UserQuery{})),
		list("any page", n, deep(n), all(identity.UserQuery{})),
		list("any page by username", n, deep(n), all(identity.UserQuery{Sort: "username"})),
		list("any page by last name, backward", n, deep(n), all(identity.UserQuery{Sort: "-lastName"})),
		list("prefix of all, first page", n, first, all(identity.UserQuery{Prefix: "USER"})),
		list("prefix of all, any page", n, deep(n), all(identity.UserQuery{Prefix: "u"})),
		list("prefix of many, any page", n/26, deep(n/26), func(i int) identity.UserQuery {
			return identity.UserQuery{Prefix: "first" + string(rune('a'+i%26))}
		}),
		list("prefix of few", 1, first, func(i int) identity.UserQuery {
			return identity.UserQuery{Prefix: fmt.Sprintf("user%05d", i*7919%1_000_003/100)[:8]}
		}),
		list("group of all, any page", n, deep(n), all(identity.UserQuery{Group: everyone})),
		list("group of some, any page", n/100, deep(n/100), all(identity.UserQuery{Group: some})),
		list("exact username", 1, first, func(i int) identity.UserQuery {
			return identity.UserQuery{Username: fmt.Sprintf("USER%07d", i%n*7919%1_000_003)}
		}),
		list("exact e-mail", 1, first, func(i int) identity.UserQuery {
			return identity.UserQuery{Email: fmt.Sprintf("user%07d@example.com", i%n*7919%1_000_003)}
		}),
		list("prefix of many in a small group", n/100/26/2, first, func(i int) identity.UserQuery {
			return identity.UserQuery{Prefix: "first" + string(rune('a'+i%13*2)), Group: some}
		}),
		list("prefix of few in a group of all", 1, first, func(i int) identity.UserQuery {
			return identity.UserQuery{Prefix: fmt.Sprintf("user%05d", i*7919%1_000_003/100)[:8], Group: everyone}
		}),
		{"members of two groups", func(ctx context.Context, s *sqlstore.Store, _ int) error {
			got, err := s.Members(ctx, []string{everyone, some}, 100)
			if err == nil && (got[everyone].Count < n || len(got[everyone].Usernames) != 100) {
				return fmt.Errorf("%d members", got[everyone].Count)
			}
			return err
		}},
	}
}

func userWrites(n int) []benchmark {
	created := n
	var users []identity.User
	return []benchmark{
		{"create one", func(ctx context.Context, s *sqlstore.Store, _ int) error {
			u := seedUser(0)
			u.Username, u.Email = fmt.Sprint("created", created), fmt.Sprint("created", created, "@example.com")
			created++
			users = append(users, u)
			return s.CreateUser(ctx, u)
		}},
		{"update one", func(ctx context.Context, s *sqlstore.Store, i int) error {
			u := users[i%len(users)]
			u.LastName = fmt.Sprint("Changed", i)
			return s.UpdateUser(ctx, u)
		}},
		{"take one out of a group", func(ctx context.Context, s *sqlstore.Store, i int) error {
			u := users[i%len(users)]
			if i/len(users)%2 == 0 {
				return s.RemoveMember(ctx, everyone, u.ID, time.Now())
			}
			return s.AddMember(ctx, everyone, u.ID, time.Now())
		}},
	}
}
