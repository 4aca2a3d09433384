package admin

import (
	"net/http"

	"gatehouse/identity/wire"
)

// listSessions handles GET /v1/users/{id}/sessions.
func (a *API) listSessions(c *call) error {
	id, err := c.uuid("id")
	if err != nil {
		return err
	}
	sessions, err := a.Registry.Sessions(c.ctx, id)
	if err != nil {
		return err
	}
	if len(sessions) == 0 { // who has sessions is there
		if _, err := a.Registry.Store.User(c.ctx, id); err != nil {
			return err
		}
	}
	list := make([]wire.Session, len(sessions))
	for i, s := range sessions {
		list[i] = wire.FromSession(s)
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
