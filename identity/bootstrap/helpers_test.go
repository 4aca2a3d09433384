package bootstrap_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
	"gatehouse/identity/registry"
	"gatehouse/server/keys"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

const (
	secret   = "5f1c0d9b7a3e48620e7a5b0c7e1f9a3d48620e7a"
	another  = "0e7a5b0c7e1f9a3d48620e7a5f1c0d9b7a3e4862"
	password = "Analytical+Engine1"
)

// tb is a test, or a part of one that rapid draws.
type tb interface {
	Helper()
	Context() context.Context
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// world is a database, and what makes it what files say.
type world struct {
	*bootstrap.Bootstrap
	store  *sqlstore.Store
	master *keys.Master
}

// eachDatabase runs a test on every kind of database.
func eachDatabase(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, db.Open(t)))
		})
	}
}

func newWorld(t tb, store *sqlstore.Store) *world {
	t.Helper()
	master, err := keys.NewMaster("a master secret that only tests may use")
	check(t, err)
	w := &world{store: store, master: master}
	w.Bootstrap = bootstrap.New(bootstrap.Deps{
		VerifySecret: master.VerifySecret,
		Registry: registry.New(registry.Deps{
			Store:          store,
			Hash:           func(_ context.Context, password string) (string, error) { return hashOf(password), nil },
			HashSecret:     master.HashSecret,
			Emit:           func(storage.AuditEvent) {},
			AuditRetention: time.Hour,
			Now:            time.Now,
		}),
	})
	return w
}

// hashOf is a hash of a form that is known, and made in no time.
func hashOf(password string) string {
	sum := sha256.Sum256([]byte(password))
	return "$pbkdf2-sha256$i=1$c2FsdHNhbHRzYWx0c2FsdA$" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// files are files that a file names.
type files map[string]string

func (f files) open(name string) ([]byte, fs.FileMode, error) {
	content, there := f[name]
	if !there {
		return nil, 0, fs.ErrNotExist
	}
	return []byte(content), 0o600, nil
}

// parse parses a file that is right.
func parse(t tb, content string) *bootstrap.File {
	t.Helper()
	file, err := bootstrap.Parse([]byte(content), files{"secret": secret + "\n", "password": password + "\n"}.open)
	if err != nil {
		t.Fatalf("parse: %v in\n%s", err, content)
	}
	file.Name = "test.yaml"
	return file
}

// plan plans a file that can be applied, and returns its changes in short.
func (w *world) plan(t tb, content string, o bootstrap.Options) []string {
	t.Helper()
	changes, err := w.Plan(t.Context(), parse(t, content), o)
	check(t, err)
	return inShort(changes)
}

// apply applies a file that can be applied, which changes nothing when it is
// applied again.
func (w *world) apply(t tb, content string, o bootstrap.Options) *bootstrap.Result {
	t.Helper()
	file := parse(t, content)
	result, err := w.Apply(t.Context(), file, o)
	if err != nil {
		t.Fatalf("apply: %v\n%s", err, content)
	}
	again, err := w.Plan(t.Context(), file, o)
	check(t, err)
	if len(again) != 0 {
		t.Fatalf("applied again, the file would change %+v\n%s", again, content)
	}
	return result
}

func inShort(changes []bootstrap.Change) []string {
	short := make([]string, len(changes))
	for i, c := range changes {
		short[i] = c.String()
	}
	return short
}

func (w *world) application(t tb, clientID string) identity.Application {
	t.Helper()
	app, err := w.store.ApplicationByClientID(t.Context(), clientID)
	check(t, err)
	return app
}

func (w *world) user(t tb, name string) identity.User {
	t.Helper()
	user, err := w.store.UserByUsername(t.Context(), name)
	check(t, err)
	return user
}

// accepts says which of an application's secrets the given one is, or -1.
func (w *world) accepts(app identity.Application, secret string) int {
	for i, s := range app.Secrets {
		if ok, _ := w.master.VerifySecret(secret, s.Hash); ok {
			return i
		}
	}
	return -1
}

// write writes a file into a folder of the test.
func write(t tb, dir, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	check(t, os.WriteFile(path, []byte(content), mode))
	check(t, os.Chmod(path, mode)) // whatever the umask
	return path
}

func check(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
