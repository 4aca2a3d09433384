package storagetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"gatehouse/errors"
)

// Postgres returns the address of a migrated PostgreSQL database that is dropped
// when the test ends: on the server that TEST_POSTGRES_DSN names, else on one that
// is started for the test process and does not wait for the disk. It skips the test
// where there is none, or fails it if GATEHOUSE_TEST_REQUIRE names postgres.
func Postgres(t testing.TB) string {
	t.Helper()
	return postgresOf(t, shared).createMigrated(t)
}

// DurablePostgres is Postgres on a server of its own that keeps what it
// acknowledged even when it is killed. It takes a second to start.
func DurablePostgres(t testing.TB) string {
	t.Helper()
	return postgresOf(t, func() (*postgres, error) {
		c, err := startCluster(true)
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() {
			if err := c.stop(); err != nil {
				t.Errorf("stop PostgreSQL: %v", err)
			}
		})
		return newPostgres(c.dsn, c)
	}).createMigrated(t)
}

func emptyPostgres(t testing.TB) string {
	t.Helper()
	return postgresOf(t, shared).create(t, "TEMPLATE template0")
}

// postgres is a server and the database to be made once there.
type postgres struct {
	dsn      *url.URL
	cluster  *cluster               // nil for one that was there; the collector must not close its input
	template func() (string, error) // the name of a migrated database
}

// shared is the server of this test process.
var shared = sync.OnceValues(func() (*postgres, error) {
	if dsn := os.Getenv("TEST_POSTGRES_DSN"); dsn != "" {
		return newPostgres(dsn, nil)
	}
	c, err := startCluster(false)
	if err != nil {
		return nil, err
	}
	// It ends with this process: see keeper.
	return newPostgres(c.dsn, c)
})

// postgresOf starts a server unless there is none to start.
func postgresOf(t testing.TB, start func() (*postgres, error)) *postgres {
	t.Helper()
	s, err := start()
	if errors.Is(err, errNotInstalled) && !required("postgres") {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return s
}

func newPostgres(dsn string, c *cluster) (*postgres, error) {
	parsed, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("TEST_POSTGRES_DSN is no URL")
	}
	s := &postgres{dsn: parsed, cluster: c}
	s.template = sync.OnceValues(s.makeTemplate)
	return s, nil
}

// makeTemplate makes the database that others are copied from.
func (s *postgres) makeTemplate() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := newName("template")
	if err := s.exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", err
	}
	return name, migrate(ctx, s.database(name))
}

// createMigrated copies the template, which goes with the server. A server that
// was there gets nothing that outlives the test.
func (s *postgres) createMigrated(t testing.TB) string {
	t.Helper()
	if s.cluster == nil {
		dsn := s.create(t, "TEMPLATE template0")
		if err := migrate(t.Context(), dsn); err != nil {
			t.Fatalf("migrate the PostgreSQL database: %v", err)
		}
		return dsn
	}
	template, err := s.template()
	if err != nil {
		t.Fatalf("make a PostgreSQL database: %v", err)
	}
	return s.create(t, "TEMPLATE "+template)
}

// create makes a database and returns its address.
func (s *postgres) create(t testing.TB, how string) string {
	t.Helper()
	name := newName("test")
	if err := s.exec(t.Context(), "CREATE DATABASE "+name+" "+how); err != nil {
		t.Fatalf("make a PostgreSQL database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the PostgreSQL database: %v", err)
		}
	})
	return s.database(name)
}

// database is the address of a database on the server.
func (s *postgres) database(name string) string {
	dsn := *s.dsn
	dsn.Path = "/" + name
	return dsn.String()
}

func (s *postgres) exec(ctx context.Context, statement string) error {
	db, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return err
	}
	defer db.Close(context.WithoutCancel(ctx))
	_, err = db.Exec(ctx, statement)
	return err
}

func newName(kind string) string {
	return "gatehouse_" + kind + "_" + strings.ToLower(rand.Text())
}
