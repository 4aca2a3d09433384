package oauth2

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/ory/fosite"
	fositeoauth2 "github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/pkce"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/storage"
)

var (
	_ fositeoauth2.CoreStorage            = store{}
	_ fositeoauth2.TokenRevocationStorage = store{}
	_ fositeoauth2.AuthorizeCodeStrategy  = store{}
	_ pkce.PKCERequestStorage             = store{}
)

const (
	codeKind     = "authorization_code"
	codeLifetime = time.Minute // RFC 6749 §4.1.2 has ten at most
	codeBytes    = 32
)

// codePayload is what a code stands for. Everything that fosite keeps in several
// rows is in this one.
type codePayload struct {
	RedirectURI string    `json:"redirectUri,omitempty"` // as it was asked for; empty: it was not
	Challenge   string    `json:"challenge,omitempty"`   // S256 (RFC 7636 §4.3)
	Scopes      []string  `json:"scopes,omitempty"`
	Audience    []string  `json:"audience,omitempty"`
	Nonce       string    `json:"nonce,omitempty"`
	Claims      string    `json:"claims,omitempty"` // the parameter (OpenID Connect Core §5.5)
	BrowserID   string    `json:"browserId"`
	AuthTime    time.Time `json:"authTime"`
	ACR         string    `json:"acr,omitempty"`
	AMR         []string  `json:"amr,omitempty"`
}

// shownCode is the code that a grant showed.
type shownCode struct {
	row     storage.Code
	asked   codePayload
	request *fosite.Request

	scopes, audience []string // granted, as far as the application still may have them
	err              error    // that it was used before
}

// GenerateAuthorizeCode makes a code, and its hash under which it is kept.
func (store) GenerateAuthorizeCode(context.Context, fosite.Requester) (code, signature string, err error) {
	raw := make([]byte, codeBytes)
	_, _ = rand.Read(raw) // never fails
	code = base64.RawURLEncoding.EncodeToString(raw)
	return code, codeHash(code), nil
}

// AuthorizeCodeSignature is the hash of a code.
func (store) AuthorizeCodeSignature(_ context.Context, code string) string { return codeHash(code) }

func codeHash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return string(sum[:])
}

// ValidateAuthorizeCode has nothing to add: see GetAuthorizeCodeSession.
func (store) ValidateAuthorizeCode(context.Context, fosite.Requester, string) error { return nil }

// GetClient returns the client of the authorization request in ctx: fosite asks
// for no other.
func (store) GetClient(ctx context.Context, _ string) (fosite.Client, error) {
	a := authorizationFrom(ctx)
	return authorizing{client{a.App}, a.RedirectURI}, nil
}

// authorizing is an application that sends an authorization request. Its redirect
// URI has been found good, with less leniency than fosite has.
type authorizing struct {
	client
	redirectURI string
}

var _ fosite.ResponseModeClient = authorizing{}

func (a authorizing) GetRedirectURIs() []string          { return []string{a.redirectURI} }
func (a authorizing) GetResponseTypes() fosite.Arguments { return fosite.Arguments{"code"} }
func (a authorizing) GetResponseModes() []fosite.ResponseModeType {
	return []fosite.ResponseModeType{fosite.ResponseModeQuery, fosite.ResponseModeFormPost}
}

// CreateAuthorizeCodeSession stores a code with all that belongs to it.
func (h store) CreateAuthorizeCodeSession(ctx context.Context, signature string, r fosite.Requester) error {
	a := authorizationFrom(ctx)
	payload, err := json.Marshal(codePayload{
		RedirectURI: a.Params.Get("redirect_uri"),
		Challenge:   a.Params.Get("code_challenge"),
		Scopes:      r.GetGrantedScopes(),
		Audience:    r.GetGrantedAudience(),
		Nonce:       a.Params.Get("nonce"),
		Claims:      a.Params.Get("claims"),
		BrowserID:   a.browser,
		AuthTime:    a.account.AuthTime,
		ACR:         a.account.ACR,
		AMR:         a.account.AMR,
	})
	if err != nil {
		return fmt.Errorf("encode code: %w", err)
	}
	err = h.Codes.CreateCode(ctx, storage.Code{
		Kind: codeKind, Hash: []byte(signature), UserID: a.account.UserID, ClientID: a.App.ClientID,
		Payload: payload, ExpiresAt: h.Now().Add(codeLifetime),
	})
	if errors.Is(err, errors.InvalidAuthorizationCode) { // the user or the application has changed meanwhile
		return errors.Unavailable.Because(err)
	}
	return err
}

// CreatePKCERequestSession has nothing to store: the code's row holds the challenge.
func (store) CreatePKCERequestSession(context.Context, string, fosite.Requester) error { return nil }

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
	audience, err := g.audienceOf(c.audience)
	if err != nil {
		return err
	}
	id := c.row.SessionID
	if c.row.SpentAt.IsZero() {
		if !h.Now().Before(c.row.ExpiresAt) {
			g.noteCode(c, h.Now())
			return notFound(errors.InvalidAuthorizationCode.Because(errors.New("it has expired")))
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
	s.BrowserID, s.Claims = c.asked.BrowserID, []byte(c.asked.Claims)
	return s.ID, nil
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
