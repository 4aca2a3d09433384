package storage

import "time"

// Consent is what a user has let an application have.
type Consent struct {
	UserID        string
	ApplicationID string
	ClientID      string
	Scopes        []string // sorted; see identity.ReadConsentItem for what else is among them
	GrantedAt     time.Time
	UpdatedAt     time.Time // when scopes were added last
}
