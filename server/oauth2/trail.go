package oauth2

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// noteBody notes how the reading of a request's body went. want is what the
// endpoint reads.
func noteBody(r *http.Request, want string, err error) {
	t := web.Trail(r.Context())
	if err == nil {
		t.Pass(explain.BodyForm, explain.BodyFields)
		return
	}
	fault := errors.From(err)
	switch fault.Code {
	case errors.UnexpectedFields:
		t.Pass(explain.BodyForm)
		t.Fail(explain.BodyFields, fieldsOf(fault), want)
	case errors.MetadataKeyTooLong, errors.MetadataValueTooLong, errors.MetadataNested:
		t.Pass(explain.BodyForm, explain.BodyFields)
		t.Fail(explain.Metadata, "", "")
	default:
		t.Fail(explain.BodyForm, fmt.Sprintf("%s, %d bytes; %s", contentType(r), max(r.ContentLength, 0), fieldsOf(fault)), want)
	}
}

// What the endpoints read.
const (
	wantForm = "a form in UTF-8, no parameter twice"
	wantBoth = "JSON or a form, in UTF-8, of the fields that the endpoint knows, none twice"
)

// contentType is the media type of a body, as far as it is one that we read.
func contentType(r *http.Request) string {
	if media := web.MediaType(r); media != "" {
		return media
	}
	return "Content-Type " + explain.Name(r.Header.Get("Content-Type"))
}

// fieldsOf are the names of the fields at fault and their reasons.
func fieldsOf(fault *errors.Fault) string {
	var shown []string
	for _, name := range slices.Sorted(maps.Keys(fault.Fields)) {
		shown = append(shown, explain.Name(name)+" "+fault.Fields[name])
	}
	return strings.Join(shown, ", ")
}

// noteCredentials notes what is wrong with the form of the client's credentials.
func noteCredentials(ctx context.Context, err error) {
	if err == nil {
		return
	}
	fault := errors.From(err)
	got := fieldsOf(fault)
	if cause := fault.Cause(); cause != nil {
		got = cause.Error()
	}
	web.Trail(ctx).Fail(explain.ClientForm, got, "a Basic header, or fields in the body; not both")
}

// noteClient notes how an application that is there was authenticated.
func noteClient(t *explain.Trail, app *identity.Application, c credentials, proven bool) {
	t.SetApplication(app)
	t.Pass(explain.ClientKnown)
	switch {
	case proven:
		t.Pass(explain.ClientEnabled, explain.ClientMethod, explain.ClientSecret)
		return
	case app.Disabled:
		t.Fail(explain.ClientEnabled, "disabled", "enabled")
		return
	}
	t.Pass(explain.ClientEnabled)
	switch {
	case app.Public:
		t.Fail(explain.ClientMethod, "a client secret", "none: the application is public")
	case !app.UsesSecret():
		t.Fail(explain.ClientMethod, "no client_assertion", app.TokenEndpointAuthMethod)
	case !c.HasSecret:
		t.Fail(explain.ClientMethod, "no client secret", "one: the application is confidential")
	default:
		t.Pass(explain.ClientMethod)
		t.FailSecret(explain.ClientSecret, c.Secret, app.Secrets)
	}
}

// noteUsable notes the state of a refresh token's session, in the order in which
// refreshGrant.usable looks at it. What comes after is noted there.
func (h *Handler) noteUsable(t *explain.Trail, now time.Time, app *identity.Application, s *refreshState) {
	row := s.row
	if row.ClientID != app.ClientID {
		t.FailToken(explain.RefreshClient, s.token.Text, "shown by "+app.ClientID, row.ClientID)
		return
	}
	t.Pass(explain.RefreshClient)
	if !row.EndedAt.IsZero() {
		t.FailToken(explain.RefreshNotEnded, s.token.Text, "ended "+explain.At(row.EndedAt), "")
		return
	}
	t.Pass(explain.RefreshNotEnded)
	switch {
	case !now.Before(row.ExpiresAt):
		t.FailToken(explain.RefreshNotOver, s.token.Text, "now "+explain.At(now), "before "+explain.At(row.ExpiresAt))
		return
	case app.Ended(row.CreatedAt):
		t.FailToken(explain.RefreshNotOver, s.token.Text, "signed in "+explain.At(row.CreatedAt), "after the application was last disabled")
		return
	}
	t.Pass(explain.RefreshNotOver)
	switch {
	case !s.live() && !h.mayRepeat(app, s): // see reused
	case !now.Before(row.Refresh.ExpiresAt):
		t.Pass(explain.RefreshNotSpent)
		t.FailToken(explain.RefreshInUse, s.token.Text, "now "+explain.At(now), "before "+explain.At(row.Refresh.ExpiresAt))
	default:
		t.Pass(explain.RefreshNotSpent, explain.RefreshInUse)
	}
}

// notePolicy notes what the application may ask for, in the order in which
// fosite's handlers look. Those of refresh_token depend on the session: see refreshGrant.
func (g *grant) notePolicy(t *explain.Trail, app *identity.Application) {
	switch g.Type {
	case identity.GrantPassword:
		_ = g.noteGrant(t, app) && g.noteScopes(t, app) && g.noteAudience(t, app)
	case identity.GrantAuthorizationCode:
		_ = g.noteGrant(t, app)
	case identity.GrantClientCredentials:
		_ = g.noteScopes(t, app) && g.noteAudience(t, app) && g.noteGrant(t, app)
	}
}

func (g *grant) noteGrant(t *explain.Trail, app *identity.Application) bool {
	switch {
	case g.Type == identity.GrantClientCredentials && app.Public:
		t.Fail(explain.GrantAllowed, g.Type+", by a public client", "a confidential client")
	case !app.Allows(g.Type):
		t.Fail(explain.GrantAllowed, g.Type, explain.List(app.GrantTypes))
	default:
		t.Pass(explain.GrantAllowed)
		return true
	}
	return false
}

func (g *grant) noteScopes(t *explain.Trail, app *identity.Application) bool {
	return noteAsked(t, explain.ScopesAllowed, g.Params["scope"], app.Scopes)
}

func (g *grant) noteAudience(t *explain.Trail, app *identity.Application) bool {
	return noteAsked(t, explain.AudienceAllowed, g.Params["audience"], app.Audiences) &&
		noteAsked(t, explain.AudienceAllowed, g.Params["resource"], app.Audiences)
}

// noteAsked notes whether all that is asked for, in lists with spaces, is allowed.
func noteAsked(t *explain.Trail, c explain.Check, asked, allowed []string) bool {
	for _, list := range asked {
		for one := range strings.SplitSeq(list, " ") {
			if one != "" && !slices.Contains(allowed, one) {
				t.Fail(c, explain.Names(strings.Fields(strings.Join(asked, " ")), allowed), explain.List(allowed))
				return false
			}
		}
	}
	if len(asked) > 0 {
		t.Pass(c)
	}
	return true
}
