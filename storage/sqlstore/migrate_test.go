package sqlstore_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

func TestMigrateFolders(t *testing.T) {
	t.Parallel()
	names := func(folder string) []string {
		t.Helper()
		entries, err := os.ReadDir("migrations/" + folder)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, entry := range entries {
			names = append(names, entry.Name())
			text, err := os.ReadFile("migrations/" + folder + "/" + entry.Name())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(text), "-- "+entry.Name()+": ") || strings.Contains(string(text), "+goose Down") {
				t.Errorf("%s/%s has no title, or a way down", folder, entry.Name())
			}
		}
		return names
	}
	if diff := cmp.Diff(names("sqlite"), names("postgres")); diff != "" {
		t.Errorf("migrations (-sqlite +postgres):\n%s", diff)
	}
}

// states are the names of migrations, those pending in brackets.
func states(t *testing.T, s *sqlstore.Store) []string {
	t.Helper()
	migrations, err := s.Migrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, m := range migrations {
		if !strings.Contains(m.SQL, "-- +goose Up") {
			t.Errorf("SQL of %s = %q", m.Name, m.SQL)
		}
		if m.AppliedAt.IsZero() {
			m.Name = "(" + m.Name + ")"
		}
		states = append(states, m.Name)
	}
	return states
}

var allApplied = []string{
	"0001_identity.sql", "0002_sessions.sql", "0003_nodes.sql", "0004_administration.sql", "0005_audit.sql", "0006_imports.sql",
	"0007_single_sign_on.sql", "0008_application_sign_on.sql", "0009_pairwise_subjects.sql", "0010_authority.sql",
	"0011_groups_of_products.sql", "0012_devices.sql", "0013_refresh_repeats.sql",
}

// bracketed is how states shows them pending.
func bracketed(names []string) []string {
	pending := make([]string, len(names))
	for i, name := range names {
		pending[i] = "(" + name + ")"
	}
	return pending
}

func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := database.Empty(t)
			var nodes sync.WaitGroup
			for range 4 {
				s := storagetest.Open(t, dsn)
				nodes.Go(func() {
					if err := s.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			nodes.Wait()
			s := storagetest.Open(t, dsn)
			if diff := cmp.Diff(allApplied, states(t, s)); diff != "" {
				t.Errorf("migrations (-want +got):\n%s", diff)
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Errorf("Migrate() again = %v", err)
			}
		})
	}
}

func TestMigrateGoesOn(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := database.Empty(t)
			s, db := storagetest.Open(t, dsn), raw(t, dsn)
			pending := bracketed(allApplied)
			if diff := cmp.Diff(pending, states(t, s)); diff != "" {
				t.Errorf("before (-want +got):\n%s", diff)
			}
			run(t, db, "CREATE TABLE leases (a INTEGER)") // stands in the way of 0003
			if err := s.Migrate(t.Context()); err == nil {
				t.Error("Migrate() over what is in its way = nil")
			}
			if diff := cmp.Diff(append(slices.Clone(allApplied[:2]), pending[2:]...), states(t, s)); diff != "" {
				t.Errorf("interrupted (-want +got):\n%s", diff)
			}
			run(t, db, "DROP TABLE leases")
			if err := s.Migrate(t.Context()); err != nil {
				t.Errorf("Migrate() = %v", err)
			}
			if diff := cmp.Diff(allApplied, states(t, s)); diff != "" {
				t.Errorf("after (-want +got):\n%s", diff)
			}
		})
	}
}

// Both databases have the same tables and columns.
func TestMigrateColumns(t *testing.T) {
	t.Parallel()
	queries := map[string]string{
		"sqlite": `SELECT m.name || '.' || c.name || CASE WHEN c."notnull" OR c.pk > 0 THEN ' NOT NULL' ELSE '' END
			FROM sqlite_schema m JOIN pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%'`,
		"postgres": `SELECT table_name || '.' || column_name || CASE WHEN is_nullable = 'NO' THEN ' NOT NULL' ELSE '' END
			FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose_%'`,
	}
	columns := make(map[string][]string)
	for _, database := range storagetest.Databases() {
		columns[database.Name] = slices.Sorted(slices.Values(column(t, raw(t, database.DSN(t)), queries[database.Name])))
	}
	if len(columns["sqlite"]) < 50 {
		t.Errorf("only %d columns", len(columns["sqlite"]))
	}
	if diff := cmp.Diff(columns["sqlite"], columns["postgres"]); diff != "" {
		t.Errorf("columns (-sqlite +postgres):\n%s", diff)
	}
}
