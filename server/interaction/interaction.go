// Package interaction keeps authorization requests that wait for a person: to sign
// in, to choose an account, to consent. Each page reads the interaction, adds what
// the person did, and sends them back to /oauth2/authorize, which alone decides
// what comes next.
package interaction

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// Life is how long a person may take.
const Life = time.Hour

// Step is what a person is asked to do.
type Step string

// The steps of a sign-in, each with a page of its own.
const (
	SignIn  Step = "sign-in"
	Choose  Step = "choose" // an account
	Consent Step = "consent"
)

// State is an authorization request, and how far it has come.
type State struct {
	ClientID   string     `json:"clientId"`
	Parameters url.Values `json:"parameters"` // of the request, which was found good; it is read again whenever it goes on
	BeganAt    time.Time  `json:"beganAt"`

	Step    Step     `json:"step"`              // what comes next
	Account string   `json:"account,omitempty"` // id of the user who has to sign in, nobody else may; empty: anybody
	Hinted  bool     `json:"hinted,omitempty"`  // the application has shown an id token of Account
	Scopes  []string `json:"scopes,omitempty"`  // that the user is asked to consent to

	UserID    string   `json:"userId,omitempty"`    // who goes on: has signed in for this request, or was chosen; empty: nobody yet
	SignedIn  bool     `json:"signedIn,omitempty"`  // UserID has signed in for this request
	Another   bool     `json:"another,omitempty"`   // the person wants to use an account that is not signed in
	Agreed    bool     `json:"agreed,omitempty"`    // UserID has said yes
	Consented []string `json:"consented,omitempty"` // the scopes that UserID has said yes to for this request
	Declined  bool     `json:"declined,omitempty"`  // the person has said no
}

// SignInAs notes that a user has signed in for the request.
func (s *State) SignInAs(userID string) {
	s.Choose(userID)
	s.SignedIn = true
}

// Choose notes who goes on. What somebody else has done for the request counts for
// nothing.
func (s *State) Choose(userID string) {
	if s.UserID != userID {
		s.SignedIn, s.Agreed, s.Consented = false, false, nil
	}
	s.UserID, s.Another = userID, false
}

// UseAnother notes that somebody goes on who is not signed in yet.
func (s *State) UseAnother() {
	s.Choose("")
	s.Another = true
}

// Interaction is a state that is kept.
type Interaction struct {
	ID string // what addresses and forms of its pages carry; worthless in another browser
	State

	row storage.Interaction
}

// Keeper keeps interactions.
type Keeper struct {
	Store storage.Interactions
	Now   func() time.Time
}

// Begin keeps a request for the browser with this binding (see package browser).
func (k Keeper) Begin(ctx context.Context, binding []byte, s State) (Interaction, error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	i := Interaction{ID: base64.RawURLEncoding.EncodeToString(secret), State: s}
	payload, err := json.Marshal(s)
	if err != nil {
		return Interaction{}, fmt.Errorf("encode interaction: %w", err)
	}
	i.row = storage.Interaction{Hash: hashOf(i.ID), Browser: binding, Payload: payload, Version: 1, ExpiresAt: k.Now().Add(Life)}
	return i, k.Store.CreateInteraction(ctx, i.row)
}

// Read returns an interaction of the browser with this binding, or
// errors.SignInExpired.
func (k Keeper) Read(ctx context.Context, id string, binding []byte) (Interaction, error) {
	row, ok, err := k.Store.Interaction(ctx, hashOf(id), k.Now())
	switch {
	case err != nil:
		return Interaction{}, err
	case !ok:
		return Interaction{}, errors.SignInExpired.Because(errors.New("there is no such interaction"))
	case string(row.Browser) != string(binding):
		return Interaction{}, errors.SignInExpired.Because(errors.New("the interaction belongs to another browser"))
	}
	i := Interaction{ID: id, row: row}
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

// End forgets an interaction that has come to its end.
func (k Keeper) End(ctx context.Context, i Interaction) error {
	return k.Store.DeleteInteraction(ctx, i.row.Hash)
}

func hashOf(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}
