package oauth2

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ory/fosite"
	fositeoauth2 "github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/pkce"

	"gatehouse/errors"
	"gatehouse/identity"
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

	Authority identity.Authority `json:"authority,omitempty"` // of the session that it leads to
	Released  []string           `json:"released,omitempty"`  // see storage.Session
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
		Authority:   a.App.SignInAuthority(),
		Released:    released(a.released(), a.Asked.Names(a.App)),
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
