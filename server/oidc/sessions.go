package oidc

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/caller"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// sessionResponse is one entry of GET /v1/sessions.
type sessionResponse struct {
	ID          string         `json:"id"`
	Application string         `json:"application"` // client id
	CreatedAt   time.Time      `json:"createdAt"`
	LastUsedAt  time.Time      `json:"lastUsedAt"`
	IP          string         `json:"ip"`
	UserAgent   string         `json:"userAgent"`
	Metadata    map[string]any `json:"metadata"`
	Current     bool           `json:"current"`
}

// ListSessions handles GET /v1/sessions: those at applications, and the sign-ins in
// browsers that begin them. With a token that rests on a
// consent an application sees its own.
func (h *Handler) ListSessions(c echo.Context) error {
	token, err := h.user(c)
	if err != nil {
		return err
	}
	sessions, err := h.Sessions.SessionsOfUser(c.Request().Context(), token.User.ID, h.Now())
	if err != nil {
		return err
	}
	current := []string{token.SessionID}
	for _, s := range sessions {
		if s.ID == token.SessionID && s.BrowserID != "" {
			current = append(current, s.BrowserID)
		}
	}
	signIns, err := h.Browsers.SignIns(c.Request().Context(), token.User.ID)
	if err != nil {
		return err
	}
	list := make([]sessionResponse, 0, len(sessions)+len(signIns))
	for _, s := range storage.Newest(sessions, signIns) {
		if caller.Of(token).MayKnowOf(s.ClientID) {
			list = append(list, sessionOf(s, current))
		}
	}
	return c.JSON(http.StatusOK, list)
}

func sessionOf(s storage.Session, current []string) sessionResponse {
	metadata := s.Metadata
	if metadata == nil {
		metadata = map[string]any{}
	}
	return sessionResponse{
		ID:          s.ID,
		Application: s.ClientID,
		CreatedAt:   s.CreatedAt,
		LastUsedAt:  s.LastUsedAt,
		IP:          s.Address,
		UserAgent:   s.UserAgent,
		Metadata:    metadata,
		Current:     slices.Contains(current, s.ID),
	}
}

// EndSession handles DELETE /v1/sessions/{id}. A session of somebody else is as
// good as none.
func (h *Handler) EndSession(c echo.Context) error {
	ctx := c.Request().Context()

	token, err := h.user(c)
	if err != nil {
		return err
	}
	trail := web.Trail(ctx)
	id, err := uuid.Parse(c.Param("id"))
	if err != nil {
		trail.Fail(explain.PathForm, explain.Name(c.Param("id")), "a UUID")
		return errors.InvalidPath.With("id").On(map[string]string{"id": "must be a UUID"})
	}
	trail.Pass(explain.PathForm)
	s, err := h.sessionOrSignIn(ctx, id.String(), token.User.ID)
	if err != nil {
		if errors.Is(err, errors.SessionNotFound) {
			trail.Fail(explain.SessionOwn, "no session "+id.String(), "")
		}
		return err
	}
	if !caller.Of(token).MayKnowOf(s.ClientID) {
		trail.Fail(explain.SessionOwn, "one of application "+s.ClientID, "one of application "+token.Application.ClientID)
		return errors.SessionNotFound
	}
	now := h.Now()
	if s.UserID != token.User.ID || !s.Live(now) {
		trail.Fail(explain.SessionOwn, "one of user "+s.UserID+", live: "+strconv.FormatBool(s.Live(now)), "a live one of user "+token.User.ID)
		return errors.SessionNotFound
	}
	if s.ID == s.BrowserID {
		_, err = h.Browsers.Leave(ctx, s.ID, s.UserID)
	} else {
		_, err = h.Sessions.EndSession(ctx, s.ID, now, now.Add(storage.MaxAccessLifetime))
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// sessionOrSignIn returns the session with an id, or the user's sign-in in the
// browser with it; else errors.SessionNotFound.
func (h *Handler) sessionOrSignIn(ctx context.Context, id, userID string) (storage.Session, error) {
	s, err := h.Sessions.Session(ctx, id)
	if !errors.Is(err, errors.SessionNotFound) {
		return s, err
	}
	signIns, failed := h.Browsers.SignIns(ctx, userID)
	if failed != nil {
		return storage.Session{}, failed
	}
	if i := slices.IndexFunc(signIns, func(s storage.Session) bool { return s.ID == id }); i >= 0 {
		return signIns[i], nil
	}
	return storage.Session{}, err
}
