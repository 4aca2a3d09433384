package bearer_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"gatehouse/server/bearer"
	"gatehouse/server/keys"
)

func TestNewID(t *testing.T) {
	t.Parallel()
	m := master(t)
	session := uuid.Must(uuid.NewV7()).String()
	for _, want := range []string{session, ""} {
		jti, err := bearer.NewID(m, want)
		if err != nil {
			t.Fatalf("NewID(%q) = %v", want, err)
		}
		if got, ok := bearer.SessionOf(m, jti); !ok || got != want {
			t.Errorf("SessionOf(NewID(%q)) = %q, %v", want, got, ok)
		}
		if again, _ := bearer.NewID(m, want); again == jti {
			t.Errorf("NewID(%q) twice gives the same id", want)
		}
	}
	for _, bad := range []string{"x", "urn:uuid:" + session, strings.ReplaceAll(session, "-", "")} {
		if _, err := bearer.NewID(m, bad); err == nil {
			t.Errorf("NewID(%q) succeeded", bad)
		}
	}
}

func TestSessionOfRefusesForgeries(t *testing.T) {
	t.Parallel()
	m := master(t)
	jti, err := bearer.NewID(m, uuid.Must(uuid.NewV7()).String())
	if err != nil {
		t.Fatal(err)
	}
	forged := []string{"", "x", jti[:42], jti + "A", jti + "=", jti[:20] + "\n" + jti[21:], strings.Repeat("A", len(jti))}
	for i := range jti {
		other := byte('A')
		if jti[i] == other {
			other = 'B'
		}
		forged = append(forged, jti[:i]+string(other)+jti[i+1:])
	}
	for _, f := range forged {
		if session, ok := bearer.SessionOf(m, f); ok {
			t.Errorf("SessionOf(%q) = %q, true", f, session)
		}
	}
	another, err := keys.NewMaster("another master secret of 32 characters or more")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := bearer.SessionOf(another, jti); ok {
		t.Error("SessionOf under another secret = true")
	}
}

func master(t testing.TB) *keys.Master {
	t.Helper()
	m, err := keys.NewMaster("a master secret of 32 characters or more")
	if err != nil {
		t.Fatal(err)
	}
	return m
}
