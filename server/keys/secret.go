package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"sync"
)

const (
	secretIDLength  = 8  // bytes
	derivedKeyBytes = 32 // AES-256 and HMAC-SHA256 keys alike
)

// secret is one master secret: what HKDF extracted from it, an id that anyone
// may know, and the keys derived so far.
type secret struct {
	id  [secretIDLength]byte
	prk []byte

	derived sync.Map // use and purpose to []byte
}

func newSecret(text string) (*secret, error) {
	prk, err := hkdf.Extract(sha256.New, []byte(text), []byte("gatehouse master secret"))
	if err != nil {
		return nil, err
	}
	id, err := hkdf.Expand(sha256.New, prk, "id", derivedKeyBytes)
	if err != nil {
		return nil, err
	}
	s := &secret{prk: prk}
	copy(s.id[:], id)
	return s, nil
}

// key derives the key for one use under one purpose.
func (s *secret) key(use, purpose string) []byte {
	info := use + " " + purpose
	if key, ok := s.derived.Load(info); ok {
		return key.([]byte)
	}
	// Whether Expand fails depends on its hash and length, and newSecret tried both.
	key, _ := hkdf.Expand(sha256.New, s.prk, info, derivedKeyBytes)
	s.derived.Store(info, key)
	return key
}

// mac authenticates data for the purpose.
func (s *secret) mac(purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, s.key("mac", purpose))
	h.Write(data)
	return h.Sum(nil)
}

// aead encrypts for the purpose, with a random nonce in front of each text.
func (s *secret) aead(purpose string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.key("seal", purpose))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
