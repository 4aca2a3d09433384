package oauth2

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ory/fosite"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
)

// issued is the answer to a grant, in neither dialect.
type issued struct {
	AccessToken  string
	ExpiresIn    int64 // seconds
	RefreshToken string
	IDToken      string
	Scope        string // space-separated
	DeviceToken  string // empty: none was asked for
}

// issue is the one pipeline that every token request goes through: check what
// fosite lets through, let fosite decide, grant what policy gives, and let
// fosite's handlers issue it.
func (h *Handler) issue(ctx context.Context, g *grant) (issued, error) {
	if err := g.check(); err != nil {
		return issued{}, err
	}
	g.session = &session{}
	ctx = withGrant(ctx, g)
	request, err := h.provider.NewAccessRequest(ctx, g.request(), g.session)
	if err != nil {
		return issued{}, g.refusal(err)
	}
	if err := h.grantPolicy(g, request); err != nil {
		return issued{}, err
	}
	response, err := h.provider.NewAccessResponse(ctx, request)
	if err != nil {
		return issued{}, g.refusal(err)
	}
	h.Issued(g.Type)
	return issued{
		AccessToken:  response.GetAccessToken(),
		ExpiresIn:    int64(h.accessLifetime(g.session.App) / time.Second),
		RefreshToken: text(response.GetExtra("refresh_token")),
		IDToken:      text(response.GetExtra("id_token")),
		Scope:        strings.Join(request.GetGrantedScopes(), " "),
		DeviceToken:  g.session.deviceToken,
	}, nil
}

// grantFields lists what each grant needs besides grant_type.
var grantFields = map[string][]string{
	identity.GrantPassword:          {"username", "password"},
	identity.GrantClientCredentials: {"client_id", "client_secret"},
	identity.GrantRefreshToken:      {"refresh_token"},
	identity.GrantAuthorizationCode: {"code"},
}

// check refuses a grant that we do not know and one whose fields are missing.
// fosite reports the first without a requester and the second as a hint.
func (g *grant) check() error {
	if g.Type == "" {
		g.trail.Fail(explain.GrantKnown, "(none)", knownGrants())
		return errors.MissingFields.On(map[string]string{"grant_type": "is required"})
	}
	fields, known := grantFields[g.Type]
	if !known {
		g.trail.Fail(explain.GrantKnown, explain.Name(g.Type), knownGrants())
		return errors.UnknownGrant.With(g.Type).On(map[string]string{"grant_type": "is not a known grant"})
	}
	g.trail.Pass(explain.GrantKnown)
	missing := map[string]string{}
	for _, field := range fields {
		if !g.has(field) {
			missing[field] = "is required"
		}
	}
	if len(missing) > 0 {
		g.trail.Fail(explain.GrantFields, "without "+explain.List(slices.Sorted(maps.Keys(missing))), explain.List(fields))
		return errors.GrantMissingFields.With(g.Type).On(missing)
	}
	if g.Client.ID == "" && g.Client.HasSecret {
		g.trail.Fail(explain.GrantFields, "client_secret", "client_id client_secret")
		return errors.GrantMissingFields.With(g.Type).On(map[string]string{"client_id": "is required with a client_secret"})
	}
	if err := g.checkDevice(); err != nil {
		return err
	}
	g.trail.Pass(explain.GrantFields)
	return g.checkLists()
}

func knownGrants() string { return explain.List(slices.Sorted(maps.Keys(grantFields))) }

// The most that a request may ask for. fosite compares each scope and audience
// with all others, before it knows who is asking.
const (
	longestList   = 4096 // bytes
	mostResources = 32
)

func (g *grant) checkLists() error {
	if n := len(g.param("scope")); n > longestList {
		g.trail.Fail(explain.ScopesAllowed, fmt.Sprintf("%d bytes", n), fmt.Sprintf("at most %d", longestList))
		return errors.InvalidScope.On(map[string]string{"scope": "is too long"})
	}
	asked := slices.Concat(g.Params["resource"], g.Params["audience"])
	if n := len(strings.Join(asked, " ")); len(asked) > mostResources || n > longestList {
		g.trail.Fail(explain.AudienceAllowed, fmt.Sprintf("%d in %d bytes", len(asked), n),
			fmt.Sprintf("at most %d in %d bytes", mostResources, longestList))
		return errors.InvalidTarget.On(map[string]string{"resource": "asks for too much"})
	}
	return nil
}

func (g *grant) has(field string) bool {
	switch field {
	case "client_id":
		return g.Client.ID != ""
	case "client_secret":
		return g.Client.HasSecret || g.Client.Assertion != nil
	}
	return g.param(field) != ""
}

func (g *grant) param(name string) string {
	if v := g.Params[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// request is the grant as fosite wants to see it. Resources (RFC 8707 §2) are
// what fosite calls audiences.
func (g *grant) request() *http.Request {
	form := make(url.Values, len(g.Params)+2)
	for name, values := range g.Params {
		form[name] = values
	}
	form["grant_type"] = []string{g.Type}
	if resources := form["resource"]; len(resources) > 0 {
		form["audience"] = slices.Concat(form["audience"], resources)
	}
	return &http.Request{Method: http.MethodPost, Header: http.Header{}, PostForm: form, Form: form}
}

// grantPolicy grants what was asked, which fosite has found to be allowed, or,
// where nothing was asked, the application's defaults. A refresh gives what its
// session was given, less what was taken from the application since.
func (h *Handler) grantPolicy(g *grant, r fosite.AccessRequester) error {
	app := g.session.App
	scopes, audience := app.Scopes, []string{app.ClientID}
	if g.Type == identity.GrantClientCredentials {
		scopes = withoutUserScopes(scopes)
	}
	if g.code != nil {
		scopes, audience = g.code.scopes, g.code.audience
	}
	if refreshed := g.session.refresh; refreshed != nil {
		scopes = common(refreshed.row.Scopes, app.Scopes)
		audience = common(refreshed.row.Audience, append([]string{app.ClientID}, app.Audiences...))
	}
	if asked := r.GetRequestedScopes(); len(asked) > 0 {
		scopes = asked
	}
	if asked := r.GetRequestedAudience(); len(asked) > 0 {
		audience = common(asked, append([]string{app.ClientID}, app.Audiences...))
	}
	if len(audience) == 0 {
		g.trail.Fail(explain.AudienceAllowed, explain.Names(r.GetRequestedAudience(), nil), explain.List(app.Audiences))
		return errors.InvalidTarget.Because(errors.New("the application may ask for none of them any more"))
	}
	for _, scope := range scopes {
		r.GrantScope(scope)
	}
	for _, a := range audience {
		r.GrantAudience(a)
	}
	if g.Type == identity.GrantPassword {
		g.session.Released = released(app.ReleasedClaims(scopes, nil), nil)
	}
	return nil
}

// common returns what is in both lists, in the order of the first.
func common(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !slices.Contains(other, s) })
}

// userScopes ask for things that only users have (OpenID Connect Core §5.4, §11).
var userScopes = []string{"openid", "profile", "email", "address", "phone", "offline_access", "groups"}

func withoutUserScopes(scopes []string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return slices.Contains(userScopes, s) })
}

func (h *Handler) accessLifetime(app *identity.Application) time.Duration {
	return orElse(app.AccessTokenLifetime, h.config.AccessLifetime)
}

func (h *Handler) refreshLifetime(app *identity.Application) time.Duration {
	return orElse(app.RefreshTokenLifetime, h.config.RefreshLifetime)
}

func (h *Handler) sessionLifetime(app *identity.Application) time.Duration {
	return orElse(app.SessionLifetime, h.config.SessionLifetime)
}

func orElse(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
