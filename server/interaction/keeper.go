package interaction

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/server/keys"
	"gatehouse/server/quota"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// Keeper keeps interactions. Every field is required.
type Keeper struct {
	Store  storage.Interactions
	Master *keys.Master
	Bound  *Bound
	Now    func() time.Time
}

// Bound is what the rows of interactions that wait are bounded by.
type Bound = quota.Bound[storage.Interaction]

// NewBound returns the Bound of this node.
func NewBound(now func() time.Time) *Bound {
	return quota.New[storage.Interaction](quota.Config{Bytes: 64 << 20, Life: Life + 10*time.Minute}, now) // until cleanup
}

// Begin keeps a request for the browser with this binding (see package browser). It
// writes nothing unless the request is too large for an address.
func (k Keeper) Begin(ctx context.Context, binding []byte, s State) (Interaction, error) {
	s.BeganAt = k.Now()
	i := Interaction{State: s, key: newKey()}
	i.row = storage.Interaction{Hash: hashOf(i.key), Browser: binding, ExpiresAt: s.BeganAt.Add(Life)}
	var err error
	if i.ID, err = k.seal(i); err != nil || i.ID != "" {
		return i, err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	i.key, i.ID = nil, base64.RawURLEncoding.EncodeToString(secret)
	i.row.Hash = hashOf([]byte(i.ID))
	return i, k.Save(ctx, &i)
}

// Change replaces the state of an interaction that nobody has done anything for: a
// sealed one gets another ID, and nothing is written. Any other is saved.
func (k Keeper) Change(ctx context.Context, i *Interaction, s State) error {
	i.State = s
	if !i.Stored() {
		id, err := k.seal(*i)
		if err != nil {
			return err
		}
		if id != "" {
			i.ID = id
			return nil
		}
	}
	return k.Save(ctx, i)
}

// idLength is that of an ID which is not sealed.
var idLength = base64.RawURLEncoding.EncodedLen(32)

// Read returns an interaction of the browser with this binding, or
// errors.SignInExpired. It costs one statement, none for an ID that is not one.
func (k Keeper) Read(ctx context.Context, id string, binding []byte) (Interaction, error) {
	i := Interaction{ID: id, row: storage.Interaction{Hash: hashOf([]byte(id))}}
	if len(id) != idLength {
		var err error
		if i, err = k.open(id, binding); err != nil {
			return Interaction{}, err
		}
	}
	row, ok, err := k.Store.Interaction(ctx, i.row.Hash, k.Now())
	switch {
	case err != nil:
		return Interaction{}, err
	case !ok && i.key != nil:
		return i, nil
	case !ok:
		return Interaction{}, errors.SignInExpired.Because(errors.New("there is no such interaction"))
	case subtle.ConstantTimeCompare(row.Browser, binding) != 1:
		return Interaction{}, errors.SignInExpired.Because(errors.New("the interaction belongs to another browser"))
	case len(row.Payload) == 0:
		return Interaction{}, errors.SignInExpired.Because(errors.New("the interaction has ended"))
	}
	i.row, i.State = row, State{}
	if err := json.Unmarshal(row.Payload, &i.State); err != nil {
		return Interaction{}, fmt.Errorf("decode interaction: %w", err)
	}
	return i, nil
}

// Save keeps what a page has changed in i; errors.SignInExpired if another page of
// the same interaction was faster.
func (k Keeper) Save(ctx context.Context, i *Interaction) error {
	payload, err := json.Marshal(i.State)
	if err != nil {
		return fmt.Errorf("encode interaction: %w", err)
	}
	i.row.Payload = payload
	if err := k.makeRoom(ctx, *i, i.row.Version+1); err != nil {
		return err
	}
	return k.save(ctx, i)
}

// End is the end of an interaction. It must come before what it leads to, so that of
// two requests which end it one gets errors.SignInExpired. The row that is left of a
// sealed one is not counted, for without it the ID would be good again. Any
// other may still give way: its ID is good for nothing without a row.
func (k Keeper) End(ctx context.Context, i Interaction) error {
	i.row.Payload = nil
	if err := k.save(ctx, &i); err != nil {
		return err
	}
	if i.key != nil {
		k.Bound.Forget(string(i.row.Hash))
		return nil
	}
	return k.makeRoom(ctx, i, i.row.Version)
}

func (k Keeper) save(ctx context.Context, i *Interaction) error {
	saved, err := k.Store.SaveInteraction(ctx, i.row)
	if err != nil {
		return err
	}
	if !saved {
		return errors.SignInExpired.Because(errors.New("another page of the interaction was faster"))
	}
	i.row.Version++
	return nil
}

// makeRoom counts the row of i in a version, and removes what has to give way to it,
// unless somebody has done something there since.
func (k Keeper) makeRoom(ctx context.Context, i Interaction, version int64) error {
	givers := quota.Stranger(web.ClientAddress(ctx))
	if i.UserID != "" {
		givers = quota.User(i.UserID)
	}
	row := storage.Interaction{Hash: i.row.Hash, Version: version}
	giveWay, ok := k.Bound.Add(string(row.Hash), row, len(i.row.Payload), givers)
	for _, old := range giveWay {
		if err := k.Store.DeleteInteraction(ctx, old.Hash, old.Version); err != nil {
			return err
		}
	}
	if !ok {
		return errors.TooManyRequests
	}
	return nil
}

func hashOf(text []byte) []byte {
	sum := sha256.Sum256(text)
	return sum[:]
}
