package keys

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// fingerprintBytes are enough to tell one secret from another, and too few to
// try guesses on, even for whoever has the master secret.
const fingerprintBytes = 4

// Fingerprint returns eight hex digits that stand for a machine-made secret, the
// same as FingerprintOf what HashSecret makes of it.
func (m *Master) Fingerprint(secret string) string {
	fingerprint, _ := m.FingerprintOf(m.HashSecret(secret))
	return fingerprint
}

// FingerprintOf returns the fingerprint of the secret that a hash was made of,
// "unknown" when it is not HashSecret's. One that was made under another master
// secret than the first is not the secret's Fingerprint: then today is false.
func (m *Master) FingerprintOf(hash string) (fingerprint string, today bool) {
	scheme, rest, _ := strings.Cut(hash, "$")
	id, text, _ := strings.Cut(rest, "$")
	mac, err := base64.RawStdEncoding.DecodeString(text)
	if scheme != hashScheme || err != nil || len(mac) < fingerprintBytes {
		return "unknown", true
	}
	return hex.EncodeToString(mac[:fingerprintBytes]), id == hex.EncodeToString(m.secrets[0].id[:])
}
