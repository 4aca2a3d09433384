package bearer

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/server/keys"
)

// A token's id is the session's id (zeroes when there is none), random bytes
// that tell the session's tokens apart, and the front of a MAC over both.
const (
	idPurpose      = "token id"
	idRandomBytes  = 8
	idMACBytes     = 8
	idSignedBytes  = len(uuid.UUID{}) + idRandomBytes
	idBytes        = idSignedBytes + idMACBytes
	sessionIDChars = 36 // the one text form of a UUID that is taken
)

var (
	idEncoding = base64.RawURLEncoding.Strict()
	errNoUUID  = errors.New("new token id: the session id is no UUID")
)

// NewID returns the jti of a new token of the session, which must be a UUID, or
// of an application when sessionID is empty. It is the proof that this server
// made it and tells the session, so it can stand for the token at logout.
func NewID(master *keys.Master, sessionID string) (string, error) {
	id := make([]byte, idSignedBytes, idBytes)
	if sessionID != "" {
		session, err := uuid.Parse(sessionID)
		if err != nil || len(sessionID) != sessionIDChars {
			return "", errNoUUID
		}
		copy(id, session[:])
	}
	if _, err := rand.Read(id[len(uuid.UUID{}):]); err != nil {
		return "", fmt.Errorf("new token id: %w", err)
	}
	id = append(id, master.MAC(idPurpose, id)[:idMACBytes]...)
	return idEncoding.EncodeToString(id), nil
}

// SessionOf returns the session of the token with this jti, "" when it is an
// application's. ok is false for anything that NewID did not make.
func SessionOf(master *keys.Master, jti string) (sessionID string, ok bool) {
	if len(jti) != idEncoding.EncodedLen(idBytes) {
		return "", false
	}
	id, err := idEncoding.DecodeString(jti)
	if err != nil || len(id) != idBytes {
		return "", false
	}
	if !master.VerifyMAC(idPurpose, id[:idSignedBytes], id[idSignedBytes:]) {
		return "", false
	}
	session := uuid.UUID(id[:len(uuid.UUID{})])
	if session == uuid.Nil {
		return "", true
	}
	return session.String(), true
}
