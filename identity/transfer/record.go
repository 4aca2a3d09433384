package transfer

import (
	"time"

	"gatehouse/identity"
	"gatehouse/storage"
)

// The records of an export, each as it is stored. Durations are microseconds.

type productRecord struct {
	Name        string    `json:"name"`
	Description string    `json:"description"`
	BuiltIn     bool      `json:"builtIn"`
	CreatedAt   time.Time `json:"createdAt"`
}

type groupRecord struct {
	ID          string              `json:"id"`
	Name        string              `json:"name"`
	Product     string              `json:"product,omitempty"`
	Permissions map[string][]string `json:"permissions,omitempty"`
	Metadata    map[string]any      `json:"metadata,omitempty"`
	BuiltIn     bool                `json:"builtIn"`
	CreatedAt   time.Time           `json:"createdAt"`
	UpdatedAt   time.Time           `json:"updatedAt,omitzero"`
	Version     int64               `json:"version"`
}

type userRecord struct {
	ID            string         `json:"id"`
	Username      string         `json:"username"`
	Email         string         `json:"email"`
	EmailVerified bool           `json:"emailVerified"`
	FirstName     string         `json:"firstName"`
	LastName      string         `json:"lastName"`
	PasswordHash  string         `json:"passwordHash"`
	Groups        []string       `json:"groups,omitempty"`
	Metadata      map[string]any `json:"metadata,omitempty"`
	Disabled      bool           `json:"disabled"`
	CreatedAt     time.Time      `json:"createdAt"`
	UpdatedAt     time.Time      `json:"updatedAt"`
	Version       int64          `json:"version"`
	Credentials   int64          `json:"credentials"`
	UnlockedAt    time.Time      `json:"unlockedAt,omitzero"`
	FrozenUntil   time.Time      `json:"frozenUntil,omitzero"`
	LastSignIn    time.Time      `json:"lastSignIn,omitzero"`
}

type subjectRecord struct {
	UserID  string `json:"userId"`
	Sector  string `json:"sector"`
	Subject string `json:"subject"`
}

type consentRecord struct {
	UserID        string    `json:"userId"`
	ApplicationID string    `json:"applicationId"`
	Scope         string    `json:"scope"`
	GrantedAt     time.Time `json:"grantedAt"`
}

type keyRecord struct {
	ID         string    `json:"id"`
	Algorithm  string    `json:"algorithm"`
	Sealed     []byte    `json:"sealed"` // base64; still encrypted
	CreatedAt  time.Time `json:"createdAt"`
	ActiveFrom time.Time `json:"activeFrom"`
	RetiredAt  time.Time `json:"retiredAt,omitzero"`
	ExpiresAt  time.Time `json:"expiresAt,omitzero"`
}

// These have the fields of what they are a record of, in the same order.
var (
	_ = productRecord(identity.Product{})
	_ = groupRecord(identity.Group{})
	_ = userRecord(identity.User{})
	_ = subjectRecord(storage.PairwiseSubject{})
	_ = consentRecord(storage.ConsentedScope{})
	_ = keyRecord(storage.Key{})
)
