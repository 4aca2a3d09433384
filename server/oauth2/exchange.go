package oauth2

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/ory/fosite"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/claims"
	"gatehouse/server/explain"
	"gatehouse/storage"
)

// shownCode is the code that a grant showed.
type shownCode struct {
	row     storage.Code
	asked   codePayload
	request *fosite.Request

	scopes, audience []string // granted, as far as the application still may have them
	err              error    // that it was used before
}

func (c *shownCode) issuedAt() time.Time { return c.row.ExpiresAt.Add(-codeLifetime) }

// GetAuthorizeCodeSession returns the request that a code stands for; with
// fosite.ErrInvalidatedAuthorizeCode if it was used before. It reads it once.
func (h store) GetAuthorizeCodeSession(ctx context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	g := grantFrom(ctx)
	if g.code == nil {
		if err := h.readCode(ctx, g, []byte(signature)); err != nil {
			return nil, err
		}
	}
	return g.code.request, g.code.err
}

// GetPKCERequestSession returns the same request, if it has a challenge.
func (store) GetPKCERequestSession(ctx context.Context, _ string, _ fosite.Session) (fosite.Requester, error) {
	g := grantFrom(ctx)
	if g.code.asked.Challenge == "" {
		return nil, fosite.ErrNotFound
	}
	return g.code.request, nil
}

// DeletePKCERequestSession has nothing to delete.
func (store) DeletePKCERequestSession(context.Context, string) error { return nil }

// readCode reads what a code stands for into the grant, and whose sign-in it is.
func (h *Handler) readCode(ctx context.Context, g *grant, hash []byte) error {
	row, err := h.Codes.Code(ctx, codeKind, hash)
	if errors.Is(err, errors.InvalidAuthorizationCode) {
		g.noteUnknownCode()
		return notFound(errors.InvalidAuthorizationCode.Because(errors.New("there is no such code")))
	}
	if err != nil {
		return err
	}
	shown := &shownCode{row: row}
	if err := json.Unmarshal(row.Payload, &shown.asked); err != nil {
		return fmt.Errorf("decode code: %w", err)
	}
	if err := h.usableCode(ctx, g, shown); err != nil {
		return err
	}
	if g.noteCode(shown, h.Now()); !row.SpentAt.IsZero() {
		shown.err = fosite.ErrInvalidatedAuthorizeCode
	}
	g.code = shown
	return nil
}

// usableCode fills in the request of a code, or says why there is none to be had.
func (h *Handler) usableCode(ctx context.Context, g *grant, c *shownCode) error {
	app := g.session.App
	if c.row.ClientID != app.ClientID {
		app = &identity.Application{ClientID: c.row.ClientID} // fosite sees that it is another
	}
	c.scopes = common(c.asked.Scopes, app.Scopes)
	c.audience = common(c.asked.Audience, append([]string{app.ClientID}, app.Audiences...))
	if c.asked.Authority == "" { // by an earlier release
		c.scopes, c.audience = withoutProducts(c.scopes), withoutProducts(c.audience)
	}
	id, audience := c.row.SessionID, c.audience
	if c.row.SpentAt.IsZero() {
		if !h.Now().Before(c.row.ExpiresAt) {
			g.noteCode(c, h.Now())
			return notFound(errors.InvalidAuthorizationCode.Because(errors.New("it has expired")))
		}
		if app.Ended(c.issuedAt()) {
			g.noteCode(c, h.Now())
			return notFound(errors.InvalidAuthorizationCode.Because(errors.New("the application was disabled since")))
		}
		var err error
		if audience, err = g.audienceOf(c.audience); err != nil {
			return err
		}
		if id, err = h.beginSession(ctx, g, c); err != nil {
			return err
		}
	}
	c.request = &fosite.Request{
		ID: id, Client: client{app}, Session: g.session,
		RequestedScope: c.scopes, GrantedScope: c.scopes, RequestedAudience: audience, GrantedAudience: audience,
		Form: url.Values{"redirect_uri": {c.asked.RedirectURI}, "code_challenge": {c.asked.Challenge}, "code_challenge_method": {"S256"}},
	}
	return nil
}

// audienceOf is what an exchange gets of the audience that the code has: all of it,
// or the resources that it names (RFC 8707 §2.2).
func (g *grant) audienceOf(granted []string) ([]string, error) {
	asked := slices.Concat(g.Params["audience"], g.Params["resource"])
	if len(asked) == 0 {
		return granted, nil
	}
	narrowed := common(asked, granted)
	if len(narrowed) < len(asked) {
		g.trail.Fail(explain.AudienceAllowed, explain.Names(asked, granted), explain.List(granted))
		return nil, errors.InvalidTarget
	}
	return narrowed, nil
}

// beginSession fills in the session that a code leads to, and returns its id.
func (h *Handler) beginSession(ctx context.Context, g *grant, c *shownCode) (string, error) {
	user, err := h.Directory.User(ctx, c.row.UserID)
	switch {
	case errors.Is(err, errors.UserNotFound):
		return "", notFound(errors.InvalidAuthorizationCode.Because(err))
	case err != nil:
		return "", err
	case user.Disabled:
		return "", notFound(errors.InvalidAuthorizationCode.Because(errors.New("its user is disabled")))
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	s := g.session
	s.ID, s.User, s.Nonce = id.String(), user, c.asked.Nonce
	s.AuthTime, s.ACR, s.AMR = c.asked.AuthTime, c.asked.ACR, c.asked.AMR
	s.BrowserID, s.Claims, s.Released = c.asked.BrowserID, []byte(c.asked.Claims), c.asked.Released
	s.Authority = identity.AuthorityConsent
	if c.asked.Authority == identity.AuthorityOwn { // unless the application has lost its trust since
		s.Authority = s.App.SignInAuthority()
	}
	if s.asked, err = claims.Parse(c.asked.Claims); err != nil {
		return "", err
	}
	return s.ID, h.knowUser(ctx, s)
}

// InvalidateAuthorizeCodeSession spends a code and stores the session that it
// leads to, in one go. Of any number of requests that show the code at the same
// time one gets a session, and the others end it: nobody can tell which of them is
// the thief (RFC 6749 §4.1.2, RFC 9700 §2.1.1).
func (h store) InvalidateAuthorizeCodeSession(ctx context.Context, signature string) error {
	g := grantFrom(ctx)
	row := h.sessionRow(g, g.code.scopes, g.code.audience, g.session.firstRefresh)
	spent, err := h.Codes.Redeem(ctx, codeKind, []byte(signature), row, h.Now())
	if err != nil || spent {
		return err
	}
	first, err := h.Codes.Code(ctx, codeKind, []byte(signature))
	if err != nil {
		return err
	}
	if err := h.RevokeRefreshToken(ctx, first.SessionID); err != nil {
		return err
	}
	return errors.InvalidAuthorizationCode.Because(errors.New("it was used at the same time"))
}

// RevokeRefreshToken ends the session of a code that was used before.
func (h store) RevokeRefreshToken(ctx context.Context, sessionID string) error {
	h.Log.WarnContext(ctx, "authorization code reused, session ended", "session", sessionID)
	return h.endSession(ctx, sessionID)
}

// RevokeAccessToken has nothing to do: access tokens end with their session.
func (store) RevokeAccessToken(context.Context, string) error { return nil }
