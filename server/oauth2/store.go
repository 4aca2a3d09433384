package oauth2

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/ory/fosite"
	fositeoauth2 "github.com/ory/fosite/handler/oauth2"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/throttle"
	"gatehouse/server/web"
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

// longestUsername is in bytes. A longer one is nobody's, and not worth counting
// failures under.
const longestUsername = 255

// Authenticate checks a user's password for fosite's password grant, which gives
// it the name and the password alone: the rest is in the grant.
func (h store) Authenticate(ctx context.Context, username, password string) (string, error) {
	if len(username) > longestUsername {
		web.Trail(ctx).Fail(explain.UserKnown, fmt.Sprintf("%d bytes", len(username)), fmt.Sprintf("at most %d", longestUsername))
		return "", notFound(errors.InvalidCredentials)
	}
	g, stale := grantFrom(ctx), false
	verify := func(ctx context.Context, user *identity.User) (bool, error) {
		hash := "" // nobody's: it takes as long
		if user != nil {
			hash = user.PasswordHash
		}
		ok, old, err := h.Passwords.Verify(ctx, hash, password)
		stale = old
		return ok, err
	}
	result, err := h.Guard.SignIn(ctx, throttle.Attempt{Username: username, Address: g.Address, Device: web.AddressKey(g.Address)}, verify)
	switch {
	case errors.Is(err, errors.InvalidCredentials):
		return "", notFound(err)
	case err != nil:
		return "", err
	}
	s := g.session
	s.passwordHash = result.User.PasswordHash
	if stale {
		s.passwordHash = h.rehash(ctx, result.User, password)
	}
	s.User, s.device = result.User, result.Device
	s.AuthTime, s.AMR = h.Now(), []string{"pwd"}
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	s.ID = id.String()
	return result.User.ID, nil
}

// rehash brings an old password hash up to today's parameters, and returns the
// hash that the user then has. The sign-in does not depend on it.
func (h *Handler) rehash(ctx context.Context, user *identity.User, password string) string {
	hash, err := h.Passwords.Hash(ctx, password)
	renewed := false
	if err == nil {
		renewed, err = h.Identity.RenewPasswordHash(ctx, user.ID, user.PasswordHash, hash, h.Now())
	}
	if err != nil {
		h.Log.WarnContext(ctx, "password not re-hashed", "user", user.ID, "error", err)
	}
	if !renewed {
		return user.PasswordHash
	}
	return hash
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
	return h.Sessions.CreateSession(ctx, h.sessionRow(g, r.GetGrantedScopes(), r.GetGrantedAudience(), []byte(signature)), s.device)
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
		Address:    g.Address,
		UserAgent:  g.UserAgent,
		Metadata:   g.Metadata,
		CreatedAt:  now,
		LastUsedAt: now,
		ExpiresAt:  now.Add(h.sessionLifetime(s.App)),

		PasswordHash: s.passwordHash,
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
