package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/storage"
	"gatehouse/storage/storagetest"
)

// Sessions and codes of a release without migration 0007 go on, both those from
// before it and those that a node of that release creates beside nodes of this one.
func TestMigrateEarlierSessions(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := database.Empty(t)
			s, db := storagetest.Open(t, dsn), raw(t, dsn)
			run(t, db, "CREATE TABLE browsers (a INTEGER)") // stands in the way of 0007
			if err := s.Migrate(t.Context()); err == nil {
				t.Fatal("Migrate() over what is in its way = nil")
			}
			run(t, db, "DROP TABLE browsers")
			now, later, hash := "now()", "now() + '1 hour'", "'%s'::bytea"
			if database.Name == "sqlite" {
				now, later, hash = "unixepoch() * 1000000", "(unixepoch() + 3600) * 1000000", "CAST('%s' AS BLOB)"
			}
			create := func(name string) {
				run(t, db, `INSERT INTO sessions (id, user_id, client_id, scopes, auth_time, nonce, address, user_agent, created_at, expires_at,
					last_used_at, generation) VALUES ('`+name+`', 'u', 'c', '["openid"]', `+now+`, 'n', '', '', `+now+`, `+later+`, `+now+`, 0)`)
				run(t, db, `INSERT INTO codes (kind, hash, session_id, expires_at) VALUES ('code', `+fmt.Sprintf(hash, name)+`, '`+name+`', `+later+`)`)
			}
			create("before")
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			create("beside")
			for _, id := range []string{"before", "beside"} {
				session, err := s.Session(t.Context(), id)
				if err != nil || session.Nonce != "n" || session.ACR+session.BrowserID+session.Subject != "" || session.Claims != nil {
					t.Errorf("Session(%s) = %+v, %v, want it as it was", id, session, err)
				}
				code, err := s.Code(t.Context(), "code", []byte(id))
				if err != nil || code.SessionID != id || code.UserID+code.ClientID != "" {
					t.Errorf("Code(%s) = %+v, %v, want it as it was", id, code, err)
				}
				ok, err := s.EndSession(t.Context(), id, time.Now(), time.Now().Add(storage.MaxAccessLifetime))
				if !ok || err != nil {
					t.Errorf("EndSession(%s) = %v, %v, want true", id, ok, err)
				}
			}
		})
	}
}
