package admin

import (
	"net/http"
	"time"

	"gatehouse/storage"
)

// session is a session in an answer.
type session struct {
	ID          string         `json:"id"`
	Application string         `json:"application"` // client id
	CreatedAt   time.Time      `json:"createdAt"`
	LastUsedAt  time.Time      `json:"lastUsedAt"`
	IP          string         `json:"ip"`
	UserAgent   string         `json:"userAgent"`
	Metadata    map[string]any `json:"metadata"`
}

func sessionOf(s storage.Session) session {
	out := session{
		ID: s.ID, Application: s.ClientID, CreatedAt: s.CreatedAt.UTC(), LastUsedAt: s.LastUsedAt.UTC(),
		IP: s.Address, UserAgent: s.UserAgent, Metadata: s.Metadata,
	}
	if out.Metadata == nil {
		out.Metadata = map[string]any{}
	}
	return out
}

// listSessions handles GET /v1/users/{id}/sessions.
func (a *API) listSessions(c *call) error {
	id, err := c.uuid("id")
	if err != nil {
		return err
	}
	sessions, err := a.Registry.Store.SessionsOfUser(c.ctx, id, a.Now())
	if err != nil {
		return err
	}
	if len(sessions) == 0 { // who has sessions is there
		if _, err := a.Registry.Store.User(c.ctx, id); err != nil {
			return err
		}
	}
	list := make([]session, len(sessions))
	for i, s := range sessions {
		list[i] = sessionOf(s)
	}
	return c.JSON(http.StatusOK, list)
}

// endSessions handles DELETE /v1/users/{id}/sessions.
func (a *API) endSessions(c *call) error {
	id, err := c.uuid("id")
	if err != nil {
		return err
	}
	if err := a.Registry.EndSessions(c.ctx, id); err != nil {
		return err
	}
	return c.done()
}

// endSession handles DELETE /v1/users/{id}/sessions/{sessionId}.
func (a *API) endSession(c *call) error {
	id, err := c.uuid("id")
	if err != nil {
		return err
	}
	sessionID, err := c.uuid("sessionId")
	if err != nil {
		return err
	}
	if err := a.Registry.EndSession(c.ctx, id, sessionID); err != nil {
		return err
	}
	return c.done()
}
