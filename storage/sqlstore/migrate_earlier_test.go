package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/storage/storagetest"
)

// earlier is what a release without migration 0004 writes.
func earlier(database string) (user, membership string) {
	yes, now := "TRUE", "now()"
	if database == "sqlite" {
		yes, now = "1", "1700000000000000"
	}
	return `INSERT INTO users (id, username, username_key, email, email_key, email_verified, first_name, last_name,
			password_hash, disabled, created_at, updated_at)
		VALUES ('u%[1]d', 'User%[1]d', 'user%[1]d', 'e%[1]d', 'e%[1]d', ` + yes + `, 'Ada', 'L%[1]d', '', NOT ` + yes + `, ` + now + `, ` + now + `)`,
		`INSERT INTO memberships (user_id, group_id) VALUES ('u%d', 'admin-group')`
}

// What an earlier release stored is as it was, belongs to products, and is listed.
func TestMigrateEarlier(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := database.Empty(t)
			s, db := storagetest.Open(t, dsn), raw(t, dsn)
			s.SetBlock(8)
			run(t, db, "CREATE TABLE products (a INTEGER)") // stands in the way of 0004
			if err := s.Migrate(t.Context()); err == nil {
				t.Fatal("Migrate() over what is in its way = nil")
			}
			run(t, db, "DROP TABLE products")
			user, membership := earlier(database.Name)
			for i := range 700 {
				run(t, db, fmt.Sprintf(user, i))
				if i%2 == 0 {
					run(t, db, fmt.Sprintf(membership, i))
				}
			}
			for _, name := range []string{"gatehouse", "midaz"} {
				run(t, db, `INSERT INTO applications (id, client_id, name, description, public, built_in, disabled,
					token_endpoint_auth_method, access_token_lifetime, refresh_token_lifetime, session_lifetime, id_token_signed_alg,
					scopes, created_at, updated_at)
					SELECT 'a-`+name+`', 'c-`+name+`', '`+name+`', 'Ledger', disabled, disabled, disabled, 'none', 1, 2, 3, 'RS256',
					'["openid"]', created_at, created_at FROM users WHERE id = 'u0'`)
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if blocks := checkRanks(t.Context(), t, s); blocks < 100 {
				t.Errorf("%d blocks, want many", blocks)
			}
			users, total, err := s.Users(t.Context(), identity.UserQuery{
				Prefix: "USER69", Group: identity.AdminGroup, Page: identity.Page{Number: 1, Limit: 1},
			})
			if err != nil || total != 5 || users[0].ID != "u690" || users[0].Version != 1 {
				t.Errorf("Users() = %+v of %d, %v, want u690 of 5", users, total, err)
			}
			products, err := s.Products(t.Context())
			if err != nil || len(products) != 2 || !products[0].BuiltIn || products[1].Name != "midaz" || products[1].BuiltIn {
				t.Errorf("Products() = %+v, %v, want gatehouse built in and midaz", products, err)
			}
			app, err := s.ApplicationByClientID(t.Context(), "c-midaz")
			if err != nil || app.Version != 1 || app.Description != "Ledger" || app.Scopes[0] != "openid" || app.SessionLifetime != 3*time.Microsecond {
				t.Errorf("Application() = %+v, %v, want it as it was", app, err)
			}
		})
	}
}

// A node of an earlier release may still create users beside nodes of this one,
// which change them; the next migration lists the others.
func TestMigrateBesideEarlier(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := database.DSN(t)
			s, db := storagetest.Open(t, dsn), raw(t, dsn)
			s.SetBlock(2)
			user, membership := earlier(database.Name)
			for i := range 9 {
				run(t, db, fmt.Sprintf(user, i))
				run(t, db, fmt.Sprintf(membership, i))
			}
			changed, err := s.User(t.Context(), "u1")
			if err != nil {
				t.Fatal(err)
			}
			changed.Groups, changed.LastName = nil, "Hopper"
			for name, err := range map[string]error{
				"UpdateUser":   s.UpdateUser(t.Context(), changed),
				"DeleteUser":   s.DeleteUser(t.Context(), "u2", time.Now()),
				"RemoveMember": s.RemoveMember(t.Context(), identity.AdminGroup, "u3", time.Now()),
				"CreateUser":   s.CreateUser(t.Context(), seedUserIn(identity.AdminGroup)),
			} {
				if err != nil {
					t.Errorf("%s() = %v", name, err)
				}
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkRanks(t.Context(), t, s)
			_, total, err := s.Users(t.Context(), identity.UserQuery{Group: identity.AdminGroup, Page: identity.Page{Number: 1, Limit: 1}})
			if err != nil || total != 7 {
				t.Errorf("Users() of the group = %d, %v, want 7", total, err)
			}
		})
	}
}

func seedUserIn(group string) identity.User {
	u := seedUser(1)
	u.Groups = []string{group}
	return u
}
