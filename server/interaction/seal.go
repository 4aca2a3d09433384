package interaction

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

const (
	sealPurpose = "interaction"
	maxSealed   = 2 << 10 // bytes
	keyBytes    = 16
	bindBytes   = 32 // of SHA-256, as package browser has it
	headBytes   = keyBytes + bindBytes + 8
)

// sealedState is a State as an ID carries it, after the key, the binding and the
// time when it began. What the parameters say is not said twice.
type sealedState struct {
	State
	Query string `json:"q"`
}

// newKey returns what the row of an interaction is found by.
func newKey() []byte {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails
	return key
}

// seal returns the ID of an interaction that is in no row; "" when it is too large.
func (k Keeper) seal(i Interaction) (string, error) {
	if len(i.row.Browser) != bindBytes {
		return "", fmt.Errorf("the binding of a browser has %d bytes", len(i.row.Browser))
	}
	s := sealedState{State: i.State, Query: i.Parameters.Encode()}
	if s.Parameters = nil; s.ClientID == i.Parameters.Get("client_id") {
		s.ClientID = ""
	}
	s.BeganAt = time.Time{}
	payload, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode interaction: %w", err)
	}
	plain := make([]byte, 0, headBytes+len(payload))
	plain = append(append(plain, i.key...), i.row.Browser...)
	plain = binary.BigEndian.AppendUint64(plain, uint64(i.BeganAt.UnixMicro()))
	sealed, err := k.Master.Seal(sealPurpose, append(plain, payload...))
	if err != nil || len(sealed) > maxSealed {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// open reads a sealed ID of the browser with this binding.
func (k Keeper) open(id string, binding []byte) (Interaction, error) {
	refused := func(why string) (Interaction, error) {
		return Interaction{}, errors.SignInExpired.Because(errors.New(why))
	}
	if len(id) > base64.RawURLEncoding.EncodedLen(maxSealed) {
		return refused("the interaction is too long")
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil {
		return refused("there is no such interaction")
	}
	plain, err := k.Master.Open(sealPurpose, sealed)
	if err != nil || len(plain) < headBytes {
		return refused("the interaction was not sealed here, or was changed")
	}
	key, bound, began := plain[:keyBytes], plain[keyBytes:][:bindBytes], plain[keyBytes+bindBytes:headBytes]
	if subtle.ConstantTimeCompare(bound, binding) != 1 {
		return refused("the interaction belongs to another browser")
	}
	i := Interaction{ID: id, key: key}
	if i.State, err = unseal(plain[headBytes:]); err != nil {
		return Interaction{}, fmt.Errorf("decode interaction: %w", err)
	}
	i.BeganAt = time.UnixMicro(int64(binary.BigEndian.Uint64(began))).UTC() //nolint:gosec // as above
	i.row = storage.Interaction{Hash: hashOf(key), Browser: binding, ExpiresAt: i.BeganAt.Add(Life)}
	if !k.Now().Before(i.row.ExpiresAt) {
		return refused("the interaction has expired")
	}
	return i, nil
}

func unseal(payload []byte) (State, error) {
	var s sealedState
	if err := json.Unmarshal(payload, &s); err != nil {
		return State{}, err
	}
	var err error
	if s.Parameters, err = url.ParseQuery(s.Query); err != nil {
		return State{}, err
	}
	if s.ClientID == "" {
		s.ClientID = s.Parameters.Get("client_id")
	}
	return s.State, nil
}
