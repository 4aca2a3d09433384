package sqlstore_test

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// wantUnavailable checks that an error tells the caller to come back.
func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if fault := errors.From(err); fault.Code != errors.Unavailable || fault.RetryAfter != time.Second {
		t.Errorf("got %v (retry after %v), want Unavailable after a second", err, fault.RetryAfter)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"nothing":          "",
		"another database": "mysql://root:hunter2@localhost/db",
		"no path":          "sqlite:",
		"memory":           "sqlite::memory:",
		"no directory":     "sqlite:" + filepath.Join(t.TempDir(), "missing", "gatehouse.db"),
		"a directory":      "sqlite:" + t.TempDir(),
		"a bad port":       "postgres://ada:hunter2@localhost:port/db",
		"a bad escape":     "postgres://ada:hunter2%zz@localhost/db",
		"a bad setting":    "postgres://ada:hunter2@localhost/db?connect_timeout=hunter3",
	} {
		s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: dsn})
		if err == nil {
			s.Close()
			t.Errorf("%s: Open() = nil", name)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
}

func TestUnavailableWhenRefused(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, err = sqlstore.Open(t.Context(), sqlstore.Config{DSN: "postgres://ada:hunter2@" + closed.Addr().String() + "/db?sslmode=disable"})
	wantUnavailable(t, err)
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestUnavailableWhenBusy(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: database.DSN(t), MaxConns: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			err = s.InTx(t.Context(), func(context.Context) error {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
				defer cancel()
				return s.CreateSession(ctx, newSession("u", nil)) // not in the transaction
			})
			wantUnavailable(t, err)

			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := s.Session(ctx, "s"); !errors.Is(err, context.Canceled) || errors.Is(err, errors.Unavailable) {
				t.Errorf("Session() for nobody any more = %v, want Canceled alone", err)
			}
			if err := s.Ping(t.Context()); err != nil {
				t.Errorf("Ping() afterwards = %v", err)
			}
		})
	}
}
