package device

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"gatehouse/identity"
	"gatehouse/server/keys"
)

// Life is how long a device is known after a sign-in.
const Life = 400 * 24 * time.Hour

// Devices makes tokens and reads them.
type Devices struct {
	Master *keys.Master
	Now    func() time.Time
}

// Device is what a sound token says: which user it is for, and which of their
// devices has it. Whether it is still worth something depends on the user: see Of.
type Device struct {
	ID          string // random; tells a user's devices apart
	UserID      string
	Credentials int64 // the user's when the token was made
}

// Of says whether the device is one that the user is known to sign in from.
func (d Device) Of(user *identity.User) bool {
	return user != nil && d.UserID == user.ID && d.Credentials == user.Credentials
}

// A token is, in base64url: a version, the user's id, the device's, the user's
// credentials, when it expires in seconds since 1970, and the first bytes of a MAC.
const (
	version   = 1
	userAt    = 1
	deviceAt  = userAt + 16
	countAt   = deviceAt + 16
	expiryAt  = countAt + 8
	macAt     = expiryAt + 8
	macLength = 16
	length    = macAt + macLength
)

// TokenLength is how many characters a token has.
var TokenLength = base64.RawURLEncoding.EncodedLen(length)

// purpose tells tokens from everything else under the master secret.
const purpose = "device"

// Token returns a token that makes a device known to be the user's: the device that
// has the id, or a new one with an empty id. It is "" for a user whose id is no UUID.
func (d Devices) Token(user *identity.User, id string) string {
	userID, err := uuid.Parse(user.ID)
	if err != nil {
		return ""
	}
	deviceID, err := uuid.Parse(id)
	if err != nil {
		_, _ = rand.Read(deviceID[:]) // never fails
	}
	token := make([]byte, macAt, length)
	token[0] = version
	copy(token[userAt:], userID[:])
	copy(token[deviceAt:], deviceID[:])
	binary.BigEndian.PutUint64(token[countAt:], uint64(user.Credentials))          //nolint:gosec // G115: it counts from 1
	binary.BigEndian.PutUint64(token[expiryAt:], uint64(d.Now().Add(Life).Unix())) //nolint:gosec // G115: after 1970
	token = append(token, d.Master.MAC(purpose, token)[:macLength]...)
	return base64.RawURLEncoding.EncodeToString(token)
}

// Read reads a token; false: it is not one of this server, or has expired.
func (d Devices) Read(text string) (Device, bool) {
	if len(text) != TokenLength {
		return Device{}, false
	}
	token, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || token[0] != version || !d.Master.VerifyMAC(purpose, token[:macAt], token[macAt:]) {
		return Device{}, false
	}
	if expiry := binary.BigEndian.Uint64(token[expiryAt:]); uint64(d.Now().Unix()) >= expiry { //nolint:gosec // G115: after 1970
		return Device{}, false
	}
	return Device{
		ID:          uuid.UUID(token[deviceAt:countAt]).String(),
		UserID:      uuid.UUID(token[userAt:deviceAt]).String(),
		Credentials: int64(binary.BigEndian.Uint64(token[countAt:])), //nolint:gosec // G115: this server has written it
	}, true
}
