package oauth2

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/ory/fosite"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/claims"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// refreshGrant is the refresh_token grant (RFC 6749 §6) as a fosite handler.
// fosite's own rotates in several statements, widens a narrower scope, and has
// no grace period (RFC 9700 §4.14.2 leaves that open).
type refreshGrant struct{ *Handler }

var _ fosite.TokenEndpointHandler = refreshGrant{}

// refreshState is the refresh token that a grant showed, and its session.
type refreshState struct {
	token   refreshToken
	row     storage.Session
	shownAt time.Time
	from    storage.Origin
}

func (refreshGrant) CanSkipClientAuth(context.Context, fosite.AccessRequester) bool { return false }

func (refreshGrant) CanHandleTokenEndpointRequest(_ context.Context, r fosite.AccessRequester) bool {
	return r.GetGrantTypes().ExactOne(identity.GrantRefreshToken)
}

// HandleTokenEndpointRequest checks everything that can be checked before the
// token is spent, so that a refused request costs the client nothing.
func (h refreshGrant) HandleTokenEndpointRequest(ctx context.Context, r fosite.AccessRequester) error {
	if !h.CanHandleTokenEndpointRequest(ctx, r) {
		return fosite.ErrUnknownRequest
	}
	g := grantFrom(ctx)
	if !g.noteGrant(g.trail, g.session.App) {
		return errors.GrantNotAllowed
	}
	shown, err := h.shownRefresh(ctx, g)
	if err != nil {
		return err
	}
	if err := h.usable(ctx, g, shown); err != nil {
		return err
	}
	for _, scope := range r.GetRequestedScopes() {
		if !slices.Contains(shown.row.Scopes, scope) || !slices.Contains(g.session.App.Scopes, scope) {
			given := common(shown.row.Scopes, g.session.App.Scopes)
			g.trail.Fail(explain.ScopesAllowed, explain.Names(r.GetRequestedScopes(), given), explain.List(given))
			return errors.InvalidScope
		}
	}
	for _, audience := range r.GetRequestedAudience() {
		if !slices.Contains(shown.row.Audience, audience) {
			g.trail.Fail(explain.AudienceAllowed, explain.Names(r.GetRequestedAudience(), shown.row.Audience), explain.List(shown.row.Audience))
			return errors.InvalidTarget
		}
	}
	g.session.ID, g.session.refresh = shown.row.ID, shown
	g.session.AuthTime, g.session.AMR, g.session.Nonce = shown.row.AuthTime, shown.row.AMR, shown.row.Nonce
	g.session.ACR, g.session.Subject, g.session.Claims = shown.row.ACR, shown.row.Subject, shown.row.Claims
	g.session.BrowserID = shown.row.BrowserID
	g.session.Authority = authorityOf(shown.row, g.session.App)
	if shown.row.Authority == "" {
		shown.row.Scopes, shown.row.Audience = withoutProducts(shown.row.Scopes), withoutProducts(shown.row.Audience)
	}
	if g.session.asked, err = claims.Parse(string(shown.row.Claims)); err != nil {
		return err
	}
	g.session.Released = releasedBy(shown.row, g.session.App, g.session.asked)
	return nil
}

// PopulateTokenEndpointResponse spends the token and issues its successor, or
// the same successor again where the grace period allows it.
func (h refreshGrant) PopulateTokenEndpointResponse(ctx context.Context, r fosite.AccessRequester, out fosite.AccessResponder) error {
	if !h.CanHandleTokenEndpointRequest(ctx, r) {
		return fosite.ErrUnknownRequest
	}
	shown := r.GetSession().(*session)
	successor, err := h.succeed(ctx, shown.App, shown.refresh)
	if err != nil {
		return err
	}
	access, _, err := h.GenerateAccessToken(ctx, r)
	if err != nil {
		return err
	}
	out.SetAccessToken(access)
	out.SetTokenType("bearer")
	out.SetScopes(r.GetGrantedScopes())
	out.SetExtra("refresh_token", successor)
	return nil
}

// shownRefresh returns the refresh token of the grant, reading its session
// unless the client's authentication had to read it already.
func (h *Handler) shownRefresh(ctx context.Context, g *grant) (*refreshState, error) {
	if g.spent != nil {
		return g.spent, nil
	}
	return h.readRefresh(ctx, g.param("refresh_token"), g.origin())
}

func (h *Handler) readRefresh(ctx context.Context, text string, from storage.Origin) (*refreshState, error) {
	t := web.Trail(ctx)
	token, err := parseRefreshToken(text)
	if err != nil {
		t.FailToken(explain.RefreshForm, text, fmt.Sprintf("%d bytes", len(text)), fmt.Sprintf("%d in base64url", base64.RawURLEncoding.EncodedLen(refreshBytes)))
		return nil, errors.InvalidRefreshToken.Because(err)
	}
	row, err := h.Sessions.Session(ctx, token.SessionID)
	switch {
	case errors.Is(err, errors.SessionNotFound):
		t.Pass(explain.RefreshForm)
		t.FailToken(explain.RefreshSession, text, "session "+token.SessionID, "")
		return nil, errors.InvalidRefreshToken.Because(err)
	case err != nil:
		return nil, err
	}
	t.Pass(explain.RefreshForm, explain.RefreshSession)
	return &refreshState{token, row, h.Now(), from}, nil
}

// usable refuses a token that is another client's, expired, ended, or whose
// user is gone; and ends the session of one that was spent before.
func (h refreshGrant) usable(ctx context.Context, g *grant, s *refreshState) error {
	now, app := h.Now(), g.session.App
	g.trail.SetUserID(s.row.UserID)
	h.noteUsable(g.trail, now, app, s)
	switch {
	case s.row.ClientID != app.ClientID:
		return errors.InvalidRefreshToken.Because(errors.New("it is another client's"))
	case !s.row.EndedAt.IsZero():
		return errors.InvalidRefreshToken.Because(errors.New("its session has ended"))
	case !now.Before(s.row.ExpiresAt), app.Ended(s.row.CreatedAt):
		return errors.InvalidRefreshToken.Because(errors.New("its session has expired"))
	}
	if !s.live() && !h.mayRepeat(app, s) {
		return h.reused(ctx, app, s)
	}
	if !now.Before(s.row.Refresh.ExpiresAt) {
		return errors.InvalidRefreshToken.Because(errors.New("it was not used for too long"))
	}
	user, err := h.Directory.User(ctx, s.row.UserID)
	switch {
	case errors.Is(err, errors.UserNotFound):
		g.trail.Fail(explain.TokenUser, "gone", "")
		return errors.InvalidRefreshToken.Because(err)
	case err != nil:
		return err
	}
	g.trail.SetUser(user)
	if user.Disabled {
		g.trail.Fail(explain.TokenUser, "disabled", "enabled")
		return errors.InvalidRefreshToken.Because(errors.New("its user is disabled"))
	}
	g.trail.Pass(explain.TokenUser)
	g.session.User = user
	return nil
}

// live says whether the token shown is the one that the session now has.
func (s *refreshState) live() bool { return bytes.Equal(s.token.hash(), s.row.Refresh.Hash) }

// succeed returns the token that takes the place of the one shown. Of any number
// of requests that show the same token at the same time one rotates it, and the
// others get what that one made.
func (h *Handler) succeed(ctx context.Context, app *identity.Application, s *refreshState) (string, error) {
	if s.live() {
		next, rotated, err := h.rotate(ctx, app, s)
		if err != nil || rotated {
			return next, err
		}
		again, err := h.readRefresh(ctx, s.token.Text, s.from)
		if err != nil {
			return "", err
		}
		s.row = again.row
	}
	return h.repeated(ctx, app, s)
}

func (h *Handler) rotate(ctx context.Context, app *identity.Application, s *refreshState) (string, bool, error) {
	next, err := newRefreshToken(h.Master, s.row.ID, s.token.Generation+1)
	if err != nil {
		return "", false, err
	}
	sealed, err := s.token.seal(next.Text)
	if err != nil {
		return "", false, err
	}
	now := h.Now()
	rotated, err := h.Sessions.RotateRefresh(ctx, storage.Rotation{
		SessionID: s.row.ID,
		Spent:     s.row.Refresh.Hash,
		Next:      next.hash(),
		Successor: sealed,
		From:      s.from,
		At:        now,
		ExpiresAt: earliest(now.Add(h.refreshLifetime(app)), s.row.ExpiresAt),
	})
	return next.Text, rotated, err
}
