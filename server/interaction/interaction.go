package interaction

import (
	"net/url"
	"time"

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
	ClientID   string     `json:"clientId,omitempty"`
	Parameters url.Values `json:"parameters,omitempty"` // of the request, which was found good; it is read again whenever it goes on
	BeganAt    time.Time  `json:"beganAt,omitzero"`

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

// Interaction is a state on its way.
type Interaction struct {
	ID string // what addresses and forms of its pages carry; worthless in another browser
	State

	key []byte // what a sealed ID and all that replace it have in common; nil: the ID is not sealed
	row storage.Interaction
}

// Stored says whether there is a row of the interaction; if not, its ID is all there is.
func (i Interaction) Stored() bool { return i.row.Version > 0 }
