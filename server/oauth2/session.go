package oauth2

import (
	"context"
	"net/url"
	"time"

	"github.com/ory/fosite"

	"gatehouse/identity"
	"gatehouse/server/claims"
	"gatehouse/server/explain"
	"gatehouse/storage"
)

// session is what one grant is about, in the form in which fosite hands it from
// handler to handler. Lifetimes are ours: the times that fosite sets are kept
// only because its interface asks for them.
type session struct {
	ID           string // sid; empty for applications
	User         *identity.User
	App          *identity.Application
	AuthTime     time.Time
	AMR          []string
	ACR          string // OpenID Connect Core §2; empty: none
	Nonce        string
	BrowserID    string // the browser that it belongs to; empty: none
	Subject      string // sub, if it is not the user's id
	Authority    identity.Authority
	Released     []string          // beside its scopes; see storage.Session
	Claims       []byte            // the claims parameter (OpenID Connect Core §5.5); nil: none
	asked        claims.Asked      // what Claims says
	passwordHash string            // that the user signed in with; empty: none
	signedIn     *storage.SignedIn // what CreateSession stores with the session; nil: nothing
	deviceToken  string            // for the answer; empty: none was asked for
	refresh      *refreshState
	firstRefresh []byte // hash of the first refresh token; nil: there is none

	accessExpiresAt, refreshExpiresAt time.Time
}

var _ fosite.Session = (*session)(nil)

func (s *session) SetExpiresAt(kind fosite.TokenType, at time.Time) {
	switch kind {
	case fosite.AccessToken:
		s.accessExpiresAt = at
	case fosite.RefreshToken:
		s.refreshExpiresAt = at
	}
}

func (s *session) GetExpiresAt(kind fosite.TokenType) time.Time {
	switch kind {
	case fosite.AccessToken:
		return s.accessExpiresAt
	case fosite.RefreshToken:
		return s.refreshExpiresAt
	}
	return time.Time{}
}

// GetSubject is the sub claim: what the application knows the user by, or the
// client id of an application that speaks for itself.
func (s *session) GetSubject() string {
	if s.Subject != "" {
		return s.Subject
	}
	if s.User != nil {
		return s.User.ID
	}
	return s.App.ClientID
}

func (s *session) GetUsername() string {
	if s.User != nil {
		return s.User.Username
	}
	return ""
}

func (s *session) Clone() fosite.Session {
	c := *s
	return &c
}

// grant is a token request in neither dialect: what both fronts decode to.
type grant struct {
	Type      string
	Params    url.Values // by RFC 6749 names, without the client's credentials
	Client    credentials
	Metadata  map[string]any
	Address   string // the client's, as far as proxies are trusted
	UserAgent string

	session *session
	spent   *refreshState  // read while authenticating the client, if it had to be
	code    *shownCode     // once it is read
	trail   *explain.Trail // of the request
}

// origin is where the request came from.
func (g *grant) origin() storage.Origin { return storage.NewOrigin(g.Address, g.UserAgent) }

// credentials are what a client showed to authenticate (RFC 6749 §2.3).
type credentials struct {
	ID        string
	Secret    string
	HasSecret bool
	Assertion *assertion // nil: none
}

type grantKey struct{}

// withGrant lets fosite's callbacks, which see no request, find the grant.
func withGrant(ctx context.Context, g *grant) context.Context {
	return context.WithValue(ctx, grantKey{}, g)
}

func grantFrom(ctx context.Context) *grant { return ctx.Value(grantKey{}).(*grant) }
