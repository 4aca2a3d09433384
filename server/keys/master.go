package keys

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"unicode/utf8"

	"gatehouse/errors"
)

const (
	minSecretLength = 32 // characters
	minMACLength    = 8  // bytes that a truncated MAC must have left
)

var (
	errNoSecret      = errors.New("no master secret")
	errUnknownSecret = errors.New("sealed under a master secret that is not configured")
	errBroken        = errors.New("damaged, or sealed for another purpose")
)

// Master seals and authenticates under the master secrets. The first of them
// does so for everything new, all of them serve what is there already. Each
// purpose has keys of its own (HKDF, RFC 5869), derived once and kept, so a
// purpose is a constant of the program and never comes from outside.
//
// A Master may be used by several goroutines at once. It prints as [redacted].
type Master struct {
	secrets []*secret // at least one
}

// NewMaster returns a Master over the secrets. It refuses an empty list, a
// secret under 32 characters, and one that is listed twice.
func NewMaster(secrets ...string) (*Master, error) {
	if len(secrets) == 0 {
		return nil, errNoSecret
	}
	m := &Master{}
	for i, text := range secrets {
		if utf8.RuneCountInString(text) < minSecretLength {
			return nil, fmt.Errorf("master secret %d is shorter than %d characters", i+1, minSecretLength)
		}
		s, err := newSecret(text)
		if err != nil {
			return nil, fmt.Errorf("master secret %d: %w", i+1, err)
		}
		if m.byID(s.id[:]) != nil {
			return nil, fmt.Errorf("master secret %d is listed twice", i+1)
		}
		m.secrets = append(m.secrets, s)
	}
	return m, nil
}

// Seal encrypts and authenticates plain (AES-256-GCM) so that only Open with
// the same purpose gets it back. Sealing one value twice gives two texts.
func (m *Master) Seal(purpose string, plain []byte) ([]byte, error) {
	s := m.secrets[0]
	aead, err := s.aead(purpose)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", purpose, err)
	}
	sealed := make([]byte, 0, secretIDLength+len(plain)+aead.Overhead())
	sealed = append(sealed, s.id[:]...)
	return aead.Seal(sealed, nil, plain, nil), nil //nolint:gosec // the nonce is nil because this AEAD draws its own
}

// Open returns what Seal was given.
func (m *Master) Open(purpose string, sealed []byte) ([]byte, error) {
	if len(sealed) < secretIDLength {
		return nil, fmt.Errorf("open %s: %w", purpose, errBroken)
	}
	s := m.byID(sealed[:secretIDLength])
	if s == nil {
		return nil, fmt.Errorf("open %s: %w", purpose, errUnknownSecret)
	}
	aead, err := s.aead(purpose)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", purpose, err)
	}
	plain, err := aead.Open(nil, nil, sealed[secretIDLength:], nil)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", purpose, errBroken)
	}
	return plain, nil
}

// Stale says whether sealed was not sealed under the first secret, and has to
// be sealed again before the one it is under is dropped.
func (m *Master) Stale(sealed []byte) bool {
	return !bytes.HasPrefix(sealed, m.secrets[0].id[:])
}

// MAC authenticates data for one purpose: 32 bytes of HMAC-SHA256 under the
// first secret. The front of it may be used alone, 8 bytes at the least.
func (m *Master) MAC(purpose string, data []byte) []byte {
	return m.secrets[0].mac(purpose, data)
}

// VerifyMAC says whether mac is what MAC made of data for the purpose under any
// of the secrets, or the first 8 or more bytes of that.
func (m *Master) VerifyMAC(purpose string, data, mac []byte) bool {
	if len(mac) < minMACLength || len(mac) > sha256.Size {
		return false
	}
	for _, s := range m.secrets {
		if hmac.Equal(s.mac(purpose, data)[:len(mac)], mac) {
			return true
		}
	}
	return false
}

// String keeps the secrets out of whatever prints a Master.
func (m *Master) String() string { return "[redacted]" }

// GoString is String.
func (m *Master) GoString() string { return m.String() }

func (m *Master) byID(id []byte) *secret {
	for _, s := range m.secrets {
		if bytes.Equal(s.id[:], id) {
			return s
		}
	}
	return nil
}
