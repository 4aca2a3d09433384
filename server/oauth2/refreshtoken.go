package oauth2

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/server/keys"
)

// A refresh token is, in base64url, the session's id, how often the session had
// been refreshed when it was made, 256 random bits, and a MAC. What is stored is
// its SHA-256, and only of the live one and the one before it. The MAC tells a
// token that was once issued, and so spent since, from one that is made up.
const (
	generationAt = 16
	randomAt     = generationAt + 4
	macAt        = randomAt + 32
	refreshBytes = macAt + 16

	refreshPurpose = "refresh token"
)

// refreshToken is a refresh token in its parts.
type refreshToken struct {
	SessionID  string
	Generation int
	Text       string
	raw        [refreshBytes]byte
}

func newRefreshToken(m *keys.Master, sessionID string, generation int) (refreshToken, error) {
	id, err := uuid.Parse(sessionID)
	if err != nil {
		return refreshToken{}, fmt.Errorf("session id: %w", err)
	}
	t := refreshToken{SessionID: sessionID, Generation: generation}
	copy(t.raw[:], id[:])
	binary.BigEndian.PutUint32(t.raw[generationAt:], uint32(generation)) //nolint:gosec // a session is refreshed less than 2^31 times
	if _, err := rand.Read(t.raw[randomAt:macAt]); err != nil {
		return refreshToken{}, fmt.Errorf("random: %w", err)
	}
	copy(t.raw[macAt:], m.MAC(refreshPurpose, t.raw[:macAt]))
	t.Text = base64.RawURLEncoding.EncodeToString(t.raw[:])
	return t, nil
}

var errNoRefreshToken = errors.New("not in the form of a refresh token")

func parseRefreshToken(text string) (refreshToken, error) {
	t := refreshToken{Text: text}
	if len(text) != base64.RawURLEncoding.EncodedLen(refreshBytes) {
		return refreshToken{}, errNoRefreshToken
	}
	if _, err := base64.RawURLEncoding.Strict().Decode(t.raw[:], []byte(text)); err != nil {
		return refreshToken{}, errNoRefreshToken
	}
	t.SessionID = uuid.UUID(t.raw[:generationAt]).String()
	t.Generation = int(binary.BigEndian.Uint32(t.raw[generationAt:]))
	return t, nil
}

// genuine says whether we made the token, lately or long ago.
func (t refreshToken) genuine(m *keys.Master) bool {
	return m.VerifyMAC(refreshPurpose, t.raw[:macAt], t.raw[macAt:])
}

// hash is what is stored of the token.
func (t refreshToken) hash() []byte {
	sum := sha256.Sum256([]byte(t.Text))
	return sum[:]
}

// seal encrypts the token's successor so that only who holds the token can read it.
func (t refreshToken) seal(successor string) ([]byte, error) {
	aead, err := t.cipher()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(successor)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("random: %w", err)
	}
	return aead.Seal(nonce, nonce, []byte(successor), nil), nil
}

// open is the other way round.
func (t refreshToken) open(sealed []byte) (string, error) {
	aead, err := t.cipher()
	if err != nil {
		return "", err
	}
	if len(sealed) < aead.NonceSize() {
		return "", errors.New("sealed successor is cut short")
	}
	text, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil {
		return "", fmt.Errorf("open successor: %w", err)
	}
	return string(text), nil
}

func (t refreshToken) cipher() (cipher.AEAD, error) {
	mac := hmac.New(sha256.New, t.raw[randomAt:macAt])
	mac.Write([]byte("refresh token successor"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("successor key: %w", err)
	}
	return cipher.NewGCM(block)
}
