package sqlstore_test

import (
	"strings"
	"testing"

	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// What is written about TLS stays as it is; where nothing is, connections over a
// network are encrypted.
func TestWeakTLS(t *testing.T) {
	const none, undecided, plain = "", "has no sslmode", "go unencrypted"
	for dsn, want := range map[string]string{
		"postgres://ada@db.example.com/g":                         undecided,
		"postgresql://ada@10.0.0.7:5432/g":                        undecided,
		"postgres://ada:p@db.example.com":                         undecided,
		"postgres://ada:wh?t@db.example.com/g":                    undecided,
		"postgres://ada:sslmode=verify-full?sslmode=disable@db/g": undecided,
		"postgres://ada@db/g?":                                    undecided,
		"postgres://ada@db/g?sslmode=":                            undecided,
		"postgres://ada@db/g?sslmode=disable&sslmode=":            undecided,
		"postgres://ada@db/g?connect_timeout=3":                   undecided,
		"postgres://ada@db/g?application_name=sslmode":            undecided,
		"postgres:///g?host=db":                                   undecided,
		"postgres://127.0.0.1,db/g":                               undecided,
		"postgres://db1,db2/g":                                    undecided,
		"postgres://localhost.example.com/g":                      undecided,
		"postgres://0.0.0.0/g":                                    undecided,
		"postgres://ada@db/g?sslmode=disable":                     plain,
		"postgres://ada@db/g?sslmode=prefer":                      plain,
		"postgres://ada@db/g?sslmode=allow":                       plain,
		"postgres://ada@db/g?ssl%6Dode=prefer":                    plain,
		"postgres://ada@db/g?sslmode=verify-full&sslmode=prefer":  plain,
		"postgres://ada@db/g?sslmode=require":                     none,
		"postgres://ada@db/g?ssl=true":                            none,
		"postgres://ada@db/g?sslmode=verify-full":                 none,
		"postgres://ada@db/g?sslnegotiation=direct":               none,
		"postgres://ada@localhost/g":                              none,
		"postgres://ada@127.0.0.1:5432,[::1]/g":                   none,
		"postgres://ada@localhost/g?sslmode=disable":              none,
		"postgres:///g?host=/var/run/postgresql":                  none,
		"postgres://%2Fvar%2Frun%2Fpostgresql/g":                  none,
		"postgres://ada@db:port/g":                                none,
		"sqlite:gatehouse.db":                                     none,
	} {
		if got := sqlstore.WeakTLS(dsn); got != want && (want == none || !strings.Contains(got, want)) {
			t.Errorf("WeakTLS(%s) = %q, want %q", dsn, got, want)
		}
		if modes := sqlstore.Unencrypted(dsn); len(modes) > 0 && want != plain {
			t.Errorf("%s: unencrypted to %v, want nowhere", dsn, modes)
		}
	}
	t.Run("PGSSLMODE", func(t *testing.T) {
		for mode, want := range map[string]string{"prefer": plain, "disable": plain, "require": none, "verify-full": none} {
			t.Setenv("PGSSLMODE", mode)
			if got := sqlstore.WeakTLS("postgres://db/g"); got != want && (want == none || !strings.Contains(got, want)) {
				t.Errorf("%s: %q, want %q", mode, got, want)
			}
			if got := sqlstore.WeakTLS("postgres://db/g?sslmode=verify-full"); got != "" {
				t.Errorf("%s, and verify-full in the address: %q", mode, got)
			}
		}
	})
}

// A database that has no TLS, or somebody in between who says so, is not talked to in
// plaintext unless the address says so.
func TestNoPlaintextUnlessAskedFor(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		if database.Name == "sqlite" {
			continue
		}
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := database.Empty(t)
			if !strings.Contains(dsn, "@127.0.0.1:") || !strings.HasSuffix(dsn, "?sslmode=disable") {
				t.Skip("the database is not the cluster of the tests, which has no TLS")
			}
			// 0.0.0.0 leads to this machine, and does not look like it.
			remote := strings.Replace(dsn, "@127.0.0.1:", "@0.0.0.0:", 1)
			s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: remote})
			if err != nil {
				t.Fatalf("with sslmode=disable: %v", err)
			}
			s.Close()
			s, err = sqlstore.Open(t.Context(), sqlstore.Config{DSN: strings.TrimSuffix(remote, "?sslmode=disable")})
			if err == nil {
				s.Close()
				t.Fatal("without sslmode: connected in plaintext")
			}
			if !strings.Contains(err.Error(), "add sslmode=disable to the address") {
				t.Errorf("the error does not say what to do: %v", err)
			}
		})
	}
}
