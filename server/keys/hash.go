package keys

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

const (
	hashScheme    = "hmac-sha256"
	secretPurpose = "client secret"
)

// HashSecret returns what is stored of a machine-made secret, such as a client
// secret: "hmac-sha256$<id of the master secret>$<base64>". It is fast, so it
// suits secrets of 160 random bits or more and never a password.
func (m *Master) HashSecret(secret string) string {
	s := m.secrets[0]
	return strings.Join([]string{
		hashScheme,
		hex.EncodeToString(s.id[:]),
		base64.RawStdEncoding.EncodeToString(s.mac(secretPurpose, []byte(secret))),
	}, "$")
}

// VerifySecret says whether hash is what HashSecret made of the secret under
// any of the master secrets, and whether that was not the first of them, so
// that the hash should be replaced. It takes the same time for every hash,
// empty and malformed ones among them.
func (m *Master) VerifySecret(secret, hash string) (ok, stale bool) {
	s, want := m.parseHash(hash)
	known := s != nil
	if !known {
		s = m.secrets[0]
	}
	same := hmac.Equal(s.mac(secretPurpose, []byte(secret)), want)
	if !known || !same {
		return false, false
	}
	return true, s != m.secrets[0]
}

// parseHash returns the secret that made the hash, or nil, and the MAC in it.
func (m *Master) parseHash(hash string) (*secret, []byte) {
	scheme, rest, _ := strings.Cut(hash, "$")
	idText, macText, _ := strings.Cut(rest, "$")
	id, _ := hex.DecodeString(idText)
	mac, err := base64.RawStdEncoding.DecodeString(macText)
	if scheme != hashScheme || err != nil {
		return nil, nil
	}
	return m.byID(id), mac
}
