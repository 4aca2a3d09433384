package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// lists are what is asked about users.
func lists(ctx context.Context, s *sqlstore.Store) map[string]func() error {
	requests := map[string]func() error{
		"UsersAfter": func() error { _, err := s.UsersAfter(ctx, "u7", 10); return err },
		"Members":    func() error { _, err := s.Members(ctx, []string{"admin-group"}, 10); return err },
		"AnotherAdmin": func() error {
			return s.InTx(ctx, func(ctx context.Context) error { _, err := s.AnotherAdmin(ctx, "u7"); return err })
		},
	}
	for _, q := range []identity.UserQuery{
		{},
		{Sort: "-createdAt"},
		{Sort: "username"},
		{Sort: "-email"},
		{Sort: "lastName"},
		{Prefix: "1"},
		{Prefix: "19999"},
		{Prefix: "19"},
		{Group: "admin-group"},
		{Group: "admin-group", Sort: "-createdAt"},
		{Group: "admin-group", Prefix: "1999"},
		{Prefix: "1999", Sort: "email"},
		{Username: "7"},
		{Email: "7"},
	} {
		for _, page := range []int{1, 50} {
			q.Page = identity.Page{Number: page, Limit: 10}
			requests[fmt.Sprintf("Users(%+v)", q)] = func() error { _, _, err := s.Users(ctx, q); return err }
		}
	}
	return requests
}

// signOns are what single sign-on asks of the store.
func signOns(ctx context.Context, s *sqlstore.Store, now time.Time) map[string]func() error {
	session := newSession("u7", nil)
	session.ID, session.BrowserID = "s0", "b7"
	in := storage.BrowserSignIn{
		Browser: storage.Browser{ID: "b0", Hash: []byte("h7"), CreatedAt: now},
		Old:     []byte("h7"), Password: "hash", SignedIn: &storage.SignedIn{Day: now, Event: storage.AuditEvent{ID: storage.NewID(now), At: now, ExpiresAt: now}},
		Account: storage.Account{UserID: "u7", AuthTime: now, LastUsedAt: now, ExpiresAt: now.Add(time.Hour)},
	}
	forgive := func(err error, want errors.Code) error {
		if errors.Is(err, want) {
			return nil
		}
		return err
	}
	return map[string]func() error{
		"Browser":           func() error { _, _, err := s.Browser(ctx, []byte("h7"), now); return err },
		"SignInBrowser":     func() error { return forgive(s.SignInBrowser(ctx, in), errors.Unavailable) },
		"UseAccount":        func() error { return s.UseAccount(ctx, "b7", "u7", now) },
		"LeaveBrowser":      func() error { _, err := s.LeaveBrowser(ctx, "b8", "u8", now, now); return err },
		"LeaveBrowser, all": func() error { _, err := s.LeaveBrowser(ctx, "b9", "", now, now); return err },
		"SignOutEverywhere": func() error { return s.SignOutEverywhere(ctx, "u10", "b7") },
		"Interaction":       func() error { _, _, err := s.Interaction(ctx, []byte("h7"), now); return err },
		"SaveInteraction": func() error {
			_, err := s.SaveInteraction(ctx, storage.Interaction{Hash: []byte("h7"), Browser: []byte("b"), Version: 1})
			return err
		},
		"SaveInteraction, first": func() error {
			_, err := s.SaveInteraction(ctx, storage.Interaction{Hash: []byte("h7"), Browser: []byte("b"), ExpiresAt: now})
			return err
		},
		"DeleteInteraction": func() error { return s.DeleteInteraction(ctx, []byte("h8"), 1) },
		"DeleteCode":        func() error { return s.DeleteCode(ctx, "code", []byte("h9")) },
		"DeleteRefusals": func() error {
			return s.DeleteRefusals(ctx, []storage.Refusal{{ID: "r7", RequestID: "q7"}, {ID: "r8", RequestID: "q8"}})
		},
		"Consent": func() error { _, err := s.Consent(ctx, "u7", "a7"); return err },
		"AddConsent": func() error {
			return forgive(s.AddConsent(ctx, "u7", identity.Application{ID: "a0"}, []string{"x", "y"}, now), errors.StaleVersion)
		},
		"BrowsersOfUser": func() error { _, err := s.BrowsersOfUser(ctx, "u7", now); return err },
		"UserOfSubject":  func() error { _, err := s.UserOfSubject(ctx, "s7"); return forgive(err, errors.UserNotFound) },
		"PairwiseSubject": func() error {
			_, err := s.PairwiseSubject(ctx, "u7", "x", "y")
			return forgive(err, errors.UserNotFound)
		},
		"PairwiseSubjectsAfter": func() error {
			_, err := s.PairwiseSubjectsAfter(ctx, storage.PairwiseSubject{Subject: "s7"}, 10)
			return err
		},
		"ConsentedScopesAfter": func() error {
			_, err := s.ConsentedScopesAfter(ctx, storage.ConsentedScope{UserID: "u7", ApplicationID: "a7", Scope: "openid"}, 10)
			return err
		},
		"ConsentsOfUser":  func() error { _, err := s.ConsentsOfUser(ctx, "u7"); return err },
		"WithdrawConsent": func() error { _, err := s.WithdrawConsent(ctx, "u8", "a8", now, now); return err },
		"TakeDeliveries":  func() error { _, err := s.TakeDeliveries(ctx, now, now, 10); return err },
		"RetryDelivery":   func() error { return s.RetryDelivery(ctx, "s7", now) },
		"EndDelivery":     func() error { return s.EndDelivery(ctx, "s7") },
		"CreateCode": func() error {
			code := storage.Code{Kind: "code", Hash: []byte(storage.NewID(now)), UserID: "u7", ExpiresAt: now}
			return forgive(s.CreateCode(ctx, code), errors.InvalidAuthorizationCode)
		},
		"Code": func() error {
			_, err := s.Code(ctx, "code", []byte("h7"))
			return forgive(err, errors.InvalidAuthorizationCode)
		},
		"Redeem": func() error {
			_, err := s.Redeem(ctx, "code", []byte("h8"), session, now)
			return forgive(err, errors.InvalidAuthorizationCode)
		},
		"OnceOnly": func() error { _, err := s.OnceOnly(ctx, "t", now); return err },
	}
}

// requests are what requests, and the work behind them, ask of the store.
func requests(ctx context.Context, s *sqlstore.Store, now time.Time) map[string]func() error {
	return map[string]func() error{
		"Session": func() error { _, err := s.Session(ctx, "s7"); return err },
		"RotateRefresh": func() error {
			_, err := s.RotateRefresh(ctx, storage.Rotation{SessionID: "s7", Spent: []byte("live"), At: now, ExpiresAt: now})
			return err
		},
		"SessionsOfUser":  func() error { _, err := s.SessionsOfUser(ctx, "u7", now); return err },
		"EndSession":      func() error { _, err := s.EndSession(ctx, "s9", now, now); return err },
		"EndUserSessions": func() error { return s.EndUserSessions(ctx, "u8", "", now, now) },
		"Revoked":         func() error { _, err := s.Revoked(ctx, "s7", "t7"); return err },
		"Changes":         func() error { _, err := s.Changes(ctx, 19_990, 1000); return err },
		"RevokeToken":     func() error { return s.RevokeToken(ctx, "t7", now) },
		"SignIn": func() error {
			_, err := s.SignIn(ctx, storage.SignInQuery{Username: "7", Keys: []string{"a", "b", "c"}})
			return err
		},
		"RecordFailures": func() error {
			return s.RecordFailures(ctx, []storage.Failure{{Key: "a", At: now, Limit: 5}, {Key: "b", At: now, Limit: 1, UserID: "u7"}})
		},
		"ClearFailures":             func() error { return s.ClearFailures(ctx, []string{"a"}) },
		"SpendCode":                 func() error { _, err := s.SpendCode(ctx, "code", []byte("h7"), "s7", now); return err },
		"DeleteExpired":             func() error { _, _, err := s.DeleteExpired(ctx, now, 100); return err },
		"Audit of an actor":         audit(ctx, s, storage.AuditQuery{Actor: "a7"}),
		"Audit of a subject":        audit(ctx, s, storage.AuditQuery{Subject: "s7", Action: "user.create"}),
		"Audit of an actor's kind":  audit(ctx, s, storage.AuditQuery{Actor: "a7", SubjectType: "user", Action: "user.rare"}),
		"Audit of a type":           audit(ctx, s, storage.AuditQuery{SubjectType: "user"}),
		"Audit of an action":        audit(ctx, s, storage.AuditQuery{Action: "user.rare"}),
		"Audit of a kind of action": audit(ctx, s, storage.AuditQuery{Action: "user."}),
		"Audit of a time":           audit(ctx, s, storage.AuditQuery{From: now, To: now.Add(time.Hour)}),
		"Refusals":                  func() error { _, err := s.Refusals(ctx, "r7"); return err },
	}
}

func audit(ctx context.Context, s *sqlstore.Store, q storage.AuditQuery) func() error {
	q.Before, q.Limit = storage.NewID(time.Now().Add(time.Hour)), 10
	return func() error { _, err := s.AuditEvents(ctx, q); return err }
}

// However many rows there are, no request reads a table from end to end, but for
// that of applications, who are few.
func TestPostgresScansNoTable(t *testing.T) {
	t.Parallel()
	dsn := storagetest.Postgres(t)
	db := raw(t, dsn)
	for _, fill := range []string{
		`INSERT INTO sessions (id, user_id, client_id, auth_time, nonce, address, user_agent, created_at, expires_at,
			last_used_at, generation, refresh_hash, refresh_expires_at)
		SELECT 's' || n, 'u' || n % 100, 'c' || n, now(), '', '', '', now(), now() + '1 day', now(), 0, 'live', now() + '1 day'`,
		`INSERT INTO changes (kind, key, kept_till) SELECT 'token', 't' || n, now()`,
		`INSERT INTO codes (kind, hash, session_id, expires_at) SELECT 'code', ('h' || n)::bytea, '', now()`,
		`INSERT INTO users (id, username, username_key, email, email_key, email_verified, first_name, last_name,
			password_hash, disabled, created_at, updated_at)
		SELECT 'u' || n, n, n, n, n, TRUE, '', '', '', FALSE, now(), now()`,
		`INSERT INTO products SELECT 'p' || n, '', FALSE, now()`,
		`INSERT INTO applications (id, client_id, name, description, public, built_in, disabled, token_endpoint_auth_method,
			access_token_lifetime, refresh_token_lifetime, session_lifetime, id_token_signed_alg, created_at, updated_at)
		SELECT 'a' || n, 'c' || n, 'p' || n, '', TRUE, FALSE, FALSE, '', 0, 0, 0, '', now(), now()`,
		`INSERT INTO browsers SELECT 'b' || n, ('h' || n)::bytea, ('o' || n)::bytea, '', '', now(), now() + '1 day', 1`,
		`INSERT INTO browser_accounts SELECT 'b' || n, 'u' || n, now(), '', NULL, FALSE, now() + '1 day', now(), 1`,
		`INSERT INTO interactions SELECT ('h' || n)::bytea, '', '', 1, now() + '1 day'`,
		`INSERT INTO pairwise_subjects SELECT 'u' || n, 'x', 's' || n`,
		`INSERT INTO consents SELECT 'u' || n, 'a' || n, 'openid', now()`,
		`INSERT INTO once_only SELECT ('h' || n)::bytea, now() + '1 day'`,
		`INSERT INTO logout_deliveries SELECT 's' || n, 'u' || n, '', 'c' || n, '', now(), 0, now() + n * interval '1 second'`,
		`INSERT INTO throttles SELECT ('k' || n)::bytea, 1, 1, now(), now(), now()`,
		`INSERT INTO devices SELECT 'u' || n, 'd', now()`,
		`INSERT INTO audit_events SELECT to_char(n, '0000000'), now(), 'user', 'a' || n % 100, '', CASE n WHEN 1 THEN 'user.rare' ELSE 'user.update' END,
			'user', 's' || n % 1000, '', '', '', '', NULL, NULL, now() + '1 day'`,
		`INSERT INTO refusals SELECT 'r' || n, n, now(), '', now() + '1 day'`,
	} {
		run(t, db, fill+" FROM generate_series(1, 20000) n")
	}
	run(t, db, `INSERT INTO memberships SELECT 'u' || n, 'admin-group' FROM generate_series(1, 2000) n`)
	listEarlier(t, dsn)
	run(t, db, "ANALYZE")
	scans := func() []string {
		return column(t, db, `SELECT relname || ' ' || seq_scan FROM pg_stat_user_tables
			WHERE relname IN ('sessions', 'changes', 'codes', 'users', 'throttles', 'devices', 'audit_events', 'refusals',
				'user_terms', 'memberships', 'browsers', 'browser_accounts', 'interactions', 'consents', 'pairwise_subjects',
				'once_only', 'logout_deliveries') ORDER BY 1`)
	}
	before := scans()
	s := storagetest.Open(t, dsn)
	all := requests(t.Context(), s, time.Now())
	maps.Copy(all, lists(t.Context(), s))
	maps.Copy(all, signOns(t.Context(), s, time.Now()))
	for name, request := range all {
		for range 10 { // after five PostgreSQL may take to a plan for any values
			if err := request(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	run(t, db, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'gatehouse'`) // which counts what they did
	for i, after := range scans() {
		if before[i] != after {
			t.Errorf("sequential scans: %s before, %s after", before[i], after)
		}
	}
}

// listEarlier lists users that were not created by this release.
func listEarlier(t *testing.T, dsn string) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Migrate(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// tableScan is a step of SQLite's plan that goes through a table or an index.
var tableScan = regexp.MustCompile(`^SCAN (users|groups|memberships|applications|sessions|codes|changes|throttles|counters|devices|leases|audit_events|refusals|user_terms|ranks|browsers|browser_accounts|interactions|consents|pairwise_subjects|once_only|logout_deliveries)\b`)

func TestSQLiteScansNoTable(t *testing.T) {
	t.Parallel()
	dsn := storagetest.SQLite(t)
	var lock sync.Mutex
	var seen []string
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: dsn, Observe: func(_ context.Context, s sqlstore.Statement) {
		lock.Lock()
		defer lock.Unlock()
		seen = append(seen, s.SQL)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	session := newSession("u7", []byte("live"))
	session.ID = "s7"
	if err := s.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	db := raw(t, dsn)
	all := requests(t.Context(), s, time.Now())
	maps.Copy(all, lists(t.Context(), s))
	maps.Copy(all, signOns(t.Context(), s, time.Now()))
	for name, request := range all {
		seen = nil
		if err := request(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, statement := range seen {
			if statement == "" || name == "DeleteExpired" && !strings.Contains(statement, " > (") {
				continue // the first page begins at the beginning
			}
			for _, step := range sqlitePlan(t, db, statement) {
				if tableScan.MatchString(step) {
					t.Errorf("%s: %s in the plan of %s", name, step, statement)
				}
			}
		}
	}
}

// sqlitePlan is how SQLite would go about a statement.
func sqlitePlan(t *testing.T, db *sql.DB, statement string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, make([]any, 40)...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
