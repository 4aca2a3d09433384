package directory_test

import (
	"testing"
	"time"

	"gatehouse/server/directory"
	"gatehouse/storage"
)

func TestRevoked(t *testing.T) {
	t.Parallel()
	n := newNode(t, directory.Config{})
	until := start.Add(time.Hour)
	check(t, n.store.Announce(t.Context(), storage.Change{Kind: storage.SessionEnded, Key: "before", Until: until}))
	check(t, n.feed.Start(t.Context()))
	check(t, n.store.Announce(t.Context(), storage.Change{Kind: storage.SessionEnded, Key: "session", Until: until}))
	check(t, n.store.RevokeToken(t.Context(), "token", until))
	n.store.reads.Store(0)

	tests := []struct {
		name, session, jti string
		want               bool
	}{
		{"session ended before the start", "before", "x", true},
		{"session ended", "session", "x", true},
		{"token revoked", "x", "token", true},
		{"token without a session revoked", "", "token", true},
		{"both", "session", "token", true},
		{"neither", "x", "x", false},
		{"no session", "", "x", false},
		{"a session's id as a token's", "token", "session", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := n.revoked(t, tt.session, tt.jti); got != tt.want {
				t.Errorf("Revoked(%q, %q) = %v, want %v", tt.session, tt.jti, got, tt.want)
			}
		})
	}
	if got := n.store.reads.Load(); got != 0 {
		t.Errorf("%d reads, want none", got)
	}
}

func TestRevokedByOtherNodes(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	n.run(t)
	check(t, n.other.RevokeToken(t.Context(), "token", start.Add(time.Hour)))
	began := time.Now()
	eventually(t, "the other node's revocation", func() bool { return n.revoked(t, "", "token") })
	if took := time.Since(began); took > time.Second {
		t.Errorf("learned of it after %v, want within a second", took)
	}
}

func TestRevocationsAreSwept(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	for i, key := range []string{"a", "b", "c"} {
		check(t, n.store.RevokeToken(t.Context(), key, start.Add(time.Duration(i+1)*time.Hour)))
	}
	n.clock.Advance(2*time.Hour + time.Second) // a and b are over
	check(t, n.store.RevokeToken(t.Context(), "d", start.Add(4*time.Hour)))
	n.run(t)
	eventually(t, "the feed", n.feed.Fresh)
	if got := n.Stats().Revocations; got != 2 {
		t.Errorf("%d revocations are remembered, want 2", got)
	}
	for key, want := range map[string]bool{"c": true, "d": true} {
		if got := n.revoked(t, "", key); got != want {
			t.Errorf("Revoked(%q) = %v, want %v", key, got, want)
		}
	}
}
