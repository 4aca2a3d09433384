package storage

import "time"

// Consent is what a user has let an application have.
type Consent struct {
	UserID        string
	ApplicationID string
	ClientID      string
	Scopes        []string // sorted
	GrantedAt     time.Time
	UpdatedAt     time.Time // when scopes were added last
}
