package storagetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// SQLite returns the address of a migrated SQLite database in t.TempDir.
func SQLite(t testing.TB) string {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make a SQLite database: %v", err)
	}
	dsn := emptySQLite(t)
	if err := os.WriteFile(dsn[len("sqlite:"):], template, 0o600); err != nil {
		t.Fatalf("make a SQLite database: %v", err)
	}
	return dsn
}

func emptySQLite(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "gatehouse.db")
}

// sqliteTemplate is a migrated database, made once for a test process.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "gatehouse-sqlite-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate(context.Background(), "sqlite:"+path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
