package storage

import "time"

// Delivery is the news of the end of a session, on its way to the application
// (OpenID Connect Back-Channel Logout 1.0 §2.5).
type Delivery struct {
	ID        string // the session's, which ends once; good as the jti of its logout token
	SessionID string // sid
	UserID    string
	Subject   string // sub, as the application knows the user
	ClientID  string
	URI       string
	Attempts  int // so far
	CreatedAt time.Time
	DueAt     time.Time // the next attempt, or when somebody else may take it
}
