package oauth2

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/ory/fosite"
	fositeoauth2 "github.com/ory/fosite/handler/oauth2"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/claims"
	"gatehouse/storage"
)

// store is what fosite's handlers ask for storage and token strategies.
type store struct {
	*Handler
	notComposed
}

var (
	_ fosite.Storage                                            = store{}
	_ fositeoauth2.ResourceOwnerPasswordCredentialsGrantStorage = store{}
	_ fositeoauth2.AccessTokenStrategy                          = store{}
	_ fositeoauth2.RefreshTokenStrategy                         = store{}
)

// Authenticate checks a user's password for fosite's password grant, which gives
// it the name and the password alone: the rest is in the grant.
func (h store) Authenticate(ctx context.Context, username, secret string) (string, error) {
	g := grantFrom(ctx)
	proven, err := h.People.Check(ctx, g.attempt(h.Devices, username, secret))
	switch {
	case errors.Is(err, errors.InvalidCredentials):
		return "", notFound(err)
	case err != nil:
		return "", err
	}
	s := g.session
	s.User, s.passwordHash = proven.User, proven.Hash
	s.AuthTime, s.AMR = h.Now(), []string{claims.AMRPassword}
	s.Authority = identity.AuthorityOwn
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	s.ID = id.String()
	s.signedIn = h.People.SignedIn(ctx, proven, map[string]any{"application": s.App.ClientID, "session": s.ID})
	if g.param(rememberDevice) == "true" {
		s.deviceToken = h.Devices.Token(proven.User, proven.Device)
	}
	return proven.User.ID, h.knowUser(ctx, s)
}

// knowUser finds out by which sub the application knows the user, if that is not
// their id.
func (h *Handler) knowUser(ctx context.Context, s *session) error {
	subject, err := h.Directory.Subject(ctx, s.App, s.User.ID)
	if err == nil && subject != s.User.ID {
		s.Subject = subject
	}
	return err
}

// CreateAccessTokenSession stores nothing: an access token explains itself.
func (store) CreateAccessTokenSession(context.Context, string, fosite.Requester) error { return nil }

// GenerateRefreshToken makes the first refresh token of a session, or none where
// the application may not refresh.
func (h store) GenerateRefreshToken(_ context.Context, r fosite.Requester) (token, signature string, err error) {
	s := r.GetSession().(*session)
	if !s.App.Allows(identity.GrantRefreshToken) {
		return "", "", nil
	}
	first, err := newRefreshToken(h.Master, s.ID, 0)
	s.firstRefresh = first.hash()
	return first.Text, string(s.firstRefresh), err
}

// CreateRefreshTokenSession stores the session that a sign-in has begun, with its
// first refresh token, in one statement. That of a code was stored when it was spent.
func (h store) CreateRefreshTokenSession(ctx context.Context, signature, _ string, r fosite.Requester) error {
	g, s := grantFrom(ctx), r.GetSession().(*session)
	if g.code != nil {
		return nil
	}
	if err := h.Sessions.CreateSession(ctx, h.sessionRow(g, r.GetGrantedScopes(), r.GetGrantedAudience(), []byte(signature))); err != nil {
		return err
	}
	h.People.Noted(s.signedIn)
	return nil
}

// sessionRow is the session that a grant begins, with the hash of its first refresh
// token, if it has one.
func (h *Handler) sessionRow(g *grant, scopes, audience []string, refresh []byte) storage.Session {
	s, now := g.session, h.Now()
	row := storage.Session{
		ID:         s.ID,
		UserID:     s.User.ID,
		ClientID:   s.App.ClientID,
		Scopes:     scopes,
		Audience:   audience,
		AMR:        s.AMR,
		ACR:        s.ACR,
		AuthTime:   s.AuthTime,
		Nonce:      s.Nonce,
		BrowserID:  s.BrowserID,
		Subject:    s.Subject,
		Claims:     s.Claims,
		Authority:  s.Authority,
		Released:   s.Released,
		Address:    g.Address,
		UserAgent:  g.UserAgent,
		Metadata:   g.Metadata,
		CreatedAt:  now,
		LastUsedAt: now,
		ExpiresAt:  now.Add(h.sessionLifetime(s.App)),

		PasswordHash: s.passwordHash,
		SignedIn:     s.signedIn,
	}
	if len(refresh) > 0 {
		row.Refresh.Hash = refresh
		row.Refresh.ExpiresAt = earliest(now.Add(h.refreshLifetime(s.App)), row.ExpiresAt)
	}
	return row
}

// exactScope and exactAudience let an application ask for what it was given, to
// the letter. fosite's defaults let foo grant foo.bar, and match prefixes.
func exactScope(allowed []string, scope string) bool { return slices.Contains(allowed, scope) }

func exactAudience(allowed, asked []string) error {
	for _, a := range asked {
		if !slices.Contains(allowed, a) {
			return errors.InvalidTarget
		}
	}
	return nil
}
