package keys_test

import (
	"regexp"
	"testing"

	"gatehouse/server/keys"
)

func TestFingerprint(t *testing.T) {
	t.Parallel()
	m, err := keys.NewMaster("a master secret that is only good for tests")
	if err != nil {
		t.Fatal(err)
	}
	const secret = "0123456789abcdef0123456789abcdef01234567"
	got := m.Fingerprint(secret)
	if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(got) {
		t.Errorf("Fingerprint() = %q, want eight hex digits", got)
	}
	if stored, today := m.FingerprintOf(m.HashSecret(secret)); stored != got || !today {
		t.Errorf("of the hash: %s, %v, of the secret: %s", stored, today, got)
	}
	if other := m.Fingerprint(secret + "8"); other == got {
		t.Errorf("two secrets have the fingerprint %s", got)
	}
	for _, hash := range []string{"", "$2a$10$abcdefghijklmnopqrstuv", "hmac-sha256$00$", "hmac-sha256$00$!"} {
		if got, _ := m.FingerprintOf(hash); got != "unknown" {
			t.Errorf("FingerprintOf(%q) = %q", hash, got)
		}
	}
	rotated, err := keys.NewMaster("another master secret that is good for tests", "a master secret that is only good for tests")
	if err != nil {
		t.Fatal(err)
	}
	if stored, today := rotated.FingerprintOf(m.HashSecret(secret)); stored != got || today {
		t.Errorf("after a rotation: %s, %v, want %s, false", stored, today, got)
	}
}
