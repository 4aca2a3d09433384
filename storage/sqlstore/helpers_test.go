package sqlstore_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "github.com/glebarez/go-sqlite"
	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"

	"gatehouse/storage"
)

// newSession is a live session as browsers make them.
func newSession(userID string, hash []byte) storage.Session {
	now := time.Now()
	return storage.Session{
		ID: uuid.Must(uuid.NewV7()).String(), UserID: userID, ClientID: "0123456789abcdef0123",
		Scopes: []string{"openid", "profile"}, Audience: []string{"0123456789abcdef0123"}, AMR: []string{"pwd"},
		AuthTime: now, Address: "203.0.113.7", UserAgent: "Mozilla/5.0 (X11; Linux x86_64)",
		CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(720 * time.Hour),
		Refresh: storage.Refresh{Hash: hash, ExpiresAt: now.Add(24 * time.Hour)},
	}
}

// raw opens a database without a store.
func raw(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dsn = "sqlite", path
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// run runs a statement on a database.
func run(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// column returns the one column of what a query finds.
func column(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var values []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

// aSignIn is what is stored with a sign-in.
func aSignIn(userID string) *storage.SignedIn {
	now := time.Now()
	return &storage.SignedIn{
		Day:   now.Truncate(24 * time.Hour),
		Event: storage.AuditEvent{ID: storage.NewID(now), At: now, ActorID: userID, Action: "user.sign-in", SubjectType: "user", SubjectID: userID, ExpiresAt: now},
	}
}
