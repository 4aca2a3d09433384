package sqlstore_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"gatehouse/identity"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// counter counts the statements that Observe is told of.
type counter struct {
	lock  sync.Mutex
	kinds map[sqlstore.StatementKind]int
	slow  time.Duration // the longest
}

func (c *counter) observe(_ context.Context, s sqlstore.Statement) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.kinds[s.Kind]++
	c.slow = max(c.slow, s.Duration)
}

// of says what f costs.
func (c *counter) of(f func()) map[sqlstore.StatementKind]int {
	c.lock.Lock()
	c.kinds = make(map[sqlstore.StatementKind]int)
	c.lock.Unlock()
	f()
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.kinds
}

// The statements that each method may cost are its budget: what a request
// waits for is round trips.
func TestStatements(t *testing.T) {
	t.Parallel()
	type cost = map[sqlstore.StatementKind]int
	oneRead, oneWrite := cost{sqlstore.Read: 1}, cost{sqlstore.Write: 1}
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			var c counter
			s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: database.DSN(t), Observe: c.observe})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			ctx, now := t.Context(), time.Now()
			user := identity.User{ID: uuid.NewString(), Username: "ada", Email: "ada@example.com", Groups: []string{identity.AdminGroup}, CreatedAt: now, UpdatedAt: now}
			session := newSession(user.ID, []byte("live"))
			in := storage.BrowserSignIn{
				Browser: storage.Browser{ID: uuid.NewString(), Hash: []byte("b"), CreatedAt: now},
				Account: storage.Account{UserID: user.ID, AuthTime: now, LastUsedAt: now, ExpiresAt: now.Add(time.Hour)}, SignedIn: aSignIn(user.ID),
			}
			begun := newSession(user.ID, []byte("first"))
			begun.BrowserID = in.Browser.ID
			code := storage.Code{Kind: "code", Hash: []byte("c"), UserID: user.ID, ExpiresAt: now}
			ended, used, redeemed := cost{sqlstore.Write: 2, sqlstore.Control: 2}, oneWrite, oneWrite
			signedIn := cost{sqlstore.Write: 2, sqlstore.Control: 2}
			created := 5                   // user, memberships, terms, lock, ranks
			if database.Name == "sqlite" { // whose round trips are function calls
				created--
				ended = cost{sqlstore.Write: 3, sqlstore.Control: 2}
				used = cost{sqlstore.Write: 2, sqlstore.Control: 2}
				redeemed = used
			}
			for _, tt := range []struct {
				name string
				want cost
				call func() error
			}{
				{"CreateUser", cost{sqlstore.Read: 1, sqlstore.Write: created, sqlstore.Control: 2}, func() error { return s.CreateUser(ctx, user) }},
				{"User", oneRead, func() error { _, err := s.User(ctx, user.ID); return err }},
				{"CreateSession", oneWrite, func() error { return s.CreateSession(ctx, session) }},
				{"CreateSession of a sign-in", oneWrite, func() error {
					session := newSession(user.ID, nil)
					session.SignedIn = aSignIn(user.ID)
					return s.CreateSession(ctx, session)
				}},
				{"Session", oneRead, func() error { _, err := s.Session(ctx, session.ID); return err }},
				{"RotateRefresh", oneWrite, func() error {
					ok, err := s.RotateRefresh(ctx, storage.Rotation{SessionID: session.ID, Spent: []byte("live"), Next: []byte("next"), At: now, ExpiresAt: now})
					if !ok {
						t.Error("RotateRefresh() = false")
					}
					return err
				}},
				{"SignIn", oneRead, func() error {
					got, err := s.SignIn(ctx, storage.SignInQuery{Username: "ada", Keys: []string{"a", "b"}})
					if got.User == nil || len(got.User.Groups) != 1 {
						t.Errorf("SignIn() = %+v, want the user and a group", got)
					}
					return err
				}},
				{"SignIn of nobody", oneRead, func() error {
					_, err := s.SignIn(ctx, storage.SignInQuery{Username: "nobody", Keys: []string{"a", "b"}})
					return err
				}},
				{"RecordFailures", oneWrite, func() error {
					return s.RecordFailures(ctx, []storage.Failure{{Key: "a", At: now, Limit: 5}, {Key: "b", At: now, Limit: 1, UserID: user.ID}})
				}},
				{"ClearFailures", oneWrite, func() error { return s.ClearFailures(ctx, []string{"a", "b"}) }},
				{"AddCounts", oneWrite, func() error {
					_, err := s.AddCounts(ctx, now, now, map[string]int{"a": 1, "b": 1, "c": 1})
					return err
				}},
				{"Changes", oneRead, func() error { _, err := s.Changes(ctx, 0, 10); return err }},
				{"Revoked", oneRead, func() error { _, err := s.Revoked(ctx, session.ID, "jti"); return err }},
				{"RevokeToken", oneWrite, func() error { return s.RevokeToken(ctx, "jti", now) }},
				{"EndSession", ended, func() error {
					_, err := s.EndSession(ctx, session.ID, now, now)
					return err
				}},
				{"SignInBrowser", signedIn, func() error { return s.SignInBrowser(ctx, in) }},
				{"Browser", oneRead, func() error {
					got, _, err := s.Browser(ctx, in.Browser.Hash, now)
					if len(got.Accounts) != 1 {
						t.Errorf("Browser() = %+v, want an account", got)
					}
					return err
				}},
				{"UseAccount", used, func() error { return s.UseAccount(ctx, in.Browser.ID, user.ID, now) }},
				{"Interaction", oneRead, func() error { _, _, err := s.Interaction(ctx, []byte("i"), now); return err }},
				{"Consent", oneRead, func() error { _, err := s.Consent(ctx, user.ID, "a"); return err }},
				{"CreateCode", oneWrite, func() error { return s.CreateCode(ctx, code) }},
				{"Code", oneRead, func() error { _, err := s.Code(ctx, code.Kind, code.Hash); return err }},
				{"Redeem", redeemed, func() error {
					ok, err := s.Redeem(ctx, code.Kind, code.Hash, begun, now)
					if !ok {
						t.Error("Redeem() = false")
					}
					return err
				}},
				{"CreateSession of a browser", oneWrite, func() error {
					another := newSession(user.ID, nil)
					another.BrowserID = in.Browser.ID
					return s.CreateSession(ctx, another)
				}},
				{"OnceOnly", oneWrite, func() error { _, err := s.OnceOnly(ctx, "a", now); return err }},
				{"TakeDeliveries", oneWrite, func() error { _, err := s.TakeDeliveries(ctx, now, now, 10); return err }},
				{"Lease", oneWrite, func() error { _, err := s.Lease(ctx, "a", "b", now, now); return err }},
				{"Keys", oneRead, func() error { _, err := s.Keys(ctx); return err }},
				{"Ping", oneRead, func() error { return s.Ping(ctx) }},
			} {
				got := c.of(func() {
					if err := tt.call(); err != nil {
						t.Errorf("%s: %v", tt.name, err)
					}
				})
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("statements of %s (-want +got):\n%s", tt.name, diff)
				}
			}
			if c.slow <= 0 {
				t.Error("no statement took any time")
			}
		})
	}
}
