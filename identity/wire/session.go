package wire

import (
	"time"

	"gatehouse/storage"
)

// Session is one sign-in of a user in an answer.
type Session struct {
	ID          string         `json:"id"`
	Application string         `json:"application"` // client id
	CreatedAt   time.Time      `json:"createdAt"`
	LastUsedAt  time.Time      `json:"lastUsedAt"`
	IP          string         `json:"ip"`
	UserAgent   string         `json:"userAgent"`
	Metadata    map[string]any `json:"metadata"`
}

// FromSession returns the session as answers show it.
func FromSession(s storage.Session) Session {
	return Session{
		ID: s.ID, Application: s.ClientID, CreatedAt: s.CreatedAt.UTC(), LastUsedAt: s.LastUsedAt.UTC(),
		IP: s.Address, UserAgent: s.UserAgent, Metadata: metadata(s.Metadata),
	}
}
