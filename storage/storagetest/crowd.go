package storagetest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/identity"
)

// A crowd is what benchmarks of permissions are about: CrowdUsers users, each in 1
// to 10 of CrowdGroups groups, which are of CrowdProducts products and permit 100
// actions on 20 resources each. It is the same one every time, but for its ids. No
// two groups permit the same, so that nothing is gained by remembering it once.
const (
	CrowdUsers    = 100_000
	CrowdGroups   = 10_000
	CrowdProducts = 100
)

// CrowdProduct is the name of a product of a crowd.
func CrowdProduct(i int) string { return fmt.Sprintf("product-%02d", i%CrowdProducts) }

// CrowdGroup is a group of a crowd.
func CrowdGroup(i int) identity.Group {
	random := rand.New(rand.NewPCG(uint64(i), 1))
	permissions := make(map[string][]string)
	for _, n := range random.Perm(60)[:20] {
		actions := []string{"get", "head", "post", "put", "patch", "delete", "approve", "export"}
		least := random.IntN(4)
		permissions[fmt.Sprintf("%s-resource-%02d", CrowdProduct(i), n)] = actions[least : least+5]
	}
	now := time.Now()
	return identity.Group{ID: crowdGroupID(i), Name: "Group", Product: CrowdProduct(i), Permissions: permissions, CreatedAt: now, UpdatedAt: now, Version: 1}
}

// crowdGroupID is the id of a group of a crowd. The first ones are of the editors
// of each product.
func crowdGroupID(i int) string {
	if i < CrowdProducts {
		return identity.EditorGroup(CrowdProduct(i))
	}
	return fmt.Sprintf("%s-team-%02d-group", CrowdProduct(i), i/CrowdProducts)
}

// crowdUser is a user of a crowd.
func crowdUser(i int) identity.User {
	random := rand.New(rand.NewPCG(uint64(i), 2))
	groups := make([]string, 1+i%10)
	for n := range groups {
		groups[n] = crowdGroupID(random.IntN(CrowdGroups))
	}
	slices.Sort(groups)
	username := fmt.Sprintf("crowd-%06d", i)
	return identity.User{
		ID: uuid.Must(uuid.NewV7()).String(), Username: username, Email: username, Groups: slices.Compact(groups), Version: 1,
	}
}

// CreateCrowd puts a crowd into a database, past any server on it, and returns its
// users. Only their ids, usernames and groups are good for anything: they are in no
// list, and cannot sign in.
func CreateCrowd(tb testing.TB, dsn string) []identity.User {
	tb.Helper()
	s := Open(tb, dsn)
	groups, users := make([]identity.Group, CrowdGroups), make([]identity.User, CrowdUsers)
	for i := range groups {
		groups[i] = CrowdGroup(i)
	}
	for i := range users {
		users[i] = crowdUser(i)
	}
	for i := range CrowdProducts {
		if err := s.CreateProduct(tb.Context(), identity.Product{Name: CrowdProduct(i), CreatedAt: time.Now()}); err != nil {
			tb.Fatalf("product of the crowd: %v", err)
		}
	}
	if err := s.CreateGroup(tb.Context(), groups[0]); err != nil {
		tb.Fatalf("group of the crowd: %v", err)
	}
	first := users[0]
	first.Groups = nil // which are not there yet
	if err := s.CreateUser(tb.Context(), first); err != nil {
		tb.Fatalf("user of the crowd: %v", err)
	}
	copyCrowd(tb, dsn, groups, users)
	return users
}

// copyCrowd makes all others of the first group and the first user of a crowd: in
// seconds, where one call of the store after the other takes minutes.
func copyCrowd(tb testing.TB, dsn string, groups []identity.Group, users []identity.User) {
	tb.Helper()
	var permitted, named, joined [][2]string
	for _, g := range groups[1:] {
		text, err := json.Marshal(g.Permissions)
		if err != nil {
			tb.Fatal(err)
		}
		permitted = append(permitted, [2]string{g.ID, string(text)})
	}
	for i, u := range users {
		if i > 0 {
			named = append(named, [2]string{u.ID, u.Username})
		}
		for _, id := range u.Groups {
			joined = append(joined, [2]string{u.ID, id})
		}
	}
	db, elements := sqlOf(tb, dsn)
	for _, load := range []struct {
		statement string
		rows      [][2]string
	}{
		{`INSERT INTO groups (id, name, permissions, metadata, built_in, created_at, updated_at, version)
			SELECT value ->> 0, value ->> 0, value ->> 1, metadata, built_in, created_at, updated_at, version
			FROM groups, ` + elements + ` AS e WHERE groups.id = '` + groups[0].ID + `'`, permitted},
		{`INSERT INTO users (id, username, username_key, email, email_key, email_verified, first_name, last_name, last_name_order,
				password_hash, metadata, disabled, created_at, updated_at, version)
			SELECT value ->> 0, value ->> 1, value ->> 1, value ->> 1, value ->> 1, email_verified, first_name, last_name, last_name_order,
				password_hash, metadata, disabled, created_at, updated_at, version
			FROM users, ` + elements + ` AS e WHERE users.id = '` + users[0].ID + `'`, named},
		{`INSERT INTO memberships (user_id, group_id) SELECT value ->> 0, value ->> 1 FROM ` + elements + ` AS e`, joined},
	} {
		for part := range slices.Chunk(load.rows, 5_000) {
			text, err := json.Marshal(part)
			if err != nil {
				tb.Fatal(err)
			}
			if _, err := db.ExecContext(tb.Context(), load.statement, string(text)); err != nil {
				tb.Fatalf("%s: %v", load.statement, err)
			}
		}
	}
	if _, err := db.ExecContext(tb.Context(), "ANALYZE"); err != nil {
		tb.Fatalf("analyze: %v", err)
	}
}

// sqlOf opens a database without a store, and says how it reads a list in JSON.
func sqlOf(tb testing.TB, dsn string) (db *sql.DB, elements string) {
	tb.Helper()
	driver, elements := "pgx", "jsonb_array_elements($1::jsonb)"
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dsn, elements = "sqlite", path, "json_each($1)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatalf("open the database: %v", err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db, elements
}
