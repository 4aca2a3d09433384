package oauth2

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/interaction"
	"gatehouse/storage"
)

// note notes what a verdict was found on.
func (a *authorization) note(t *explain.Trail, v verdict, accounts []storage.Account) {
	switch {
	case errors.Is(v.Err, errors.ConsentRequired):
		t.Pass(explain.SignedIn)
		t.Fail(explain.Consented, "not all of it", explain.List(a.Consent()))
	case errors.Is(v.Err, errors.Declined):
		t.Fail(explain.Consented, "the user said no", "")
	case v.Err != nil:
		t.Fail(explain.SignedIn, fmt.Sprintf("%d accounts in the browser", len(accounts)), "one that may go on without being asked")
	case v.Step == interaction.Consent, v.Step == "":
		t.SetUserID(v.Account.UserID)
		t.Pass(explain.SignedIn)
	}
}

func (g *grant) noteUnknownCode() {
	g.trail.FailToken(explain.CodeKnown, g.param("code"), fmt.Sprintf("%d bytes", len(g.param("code"))), "")
}

// noteCode notes the state of the code that was shown, and what was shown with it,
// in the order in which fosite's handlers look at it.
func (g *grant) noteCode(c *shownCode, now time.Time) {
	t, text := g.trail, g.param("code")
	t.Pass(explain.CodeKnown)
	if t.SetUserID(c.row.UserID); g.session.User != nil {
		t.SetUser(g.session.User)
	}
	if !c.row.SpentAt.IsZero() {
		t.FailToken(explain.CodeNotSpent, text, "used "+explain.At(c.row.SpentAt), "its session ends now")
		return
	}
	t.Pass(explain.CodeNotSpent)
	switch app := g.session.App; {
	case !now.Before(c.row.ExpiresAt):
		t.FailToken(explain.CodeNotExpired, text, "now "+explain.At(now), "before "+explain.At(c.row.ExpiresAt))
		return
	case c.row.ClientID == app.ClientID && app.Ended(c.issuedAt()):
		t.FailToken(explain.CodeNotExpired, text, "issued "+explain.At(c.issuedAt()), "after the application was last disabled")
		return
	}
	t.Pass(explain.CodeNotExpired)
	if c.row.ClientID != g.session.App.ClientID {
		t.FailToken(explain.CodeClient, text, "shown by "+g.session.App.ClientID, c.row.ClientID)
		return
	}
	t.Pass(explain.CodeClient)
	if uri := c.asked.RedirectURI; uri != "" && uri != g.param("redirect_uri") {
		got, want := explain.Difference(g.param("redirect_uri"), uri)
		t.Fail(explain.CodeRedirectURI, got, want)
		return
	}
	t.Pass(explain.CodeRedirectURI)
	g.noteVerifier(c.asked.Challenge)
}

func (g *grant) noteVerifier(challenge string) {
	verifier := g.param("code_verifier")
	sum := sha256.Sum256([]byte(verifier))
	switch {
	case challenge == "" && verifier != "":
		g.trail.Fail(explain.CodeVerifier, "a code_verifier", "none: the authorization request had no code_challenge")
	case challenge != "" && verifier == "":
		g.trail.Fail(explain.CodeVerifier, "(none)", "the one of the authorization request's code_challenge")
	case challenge != "" && base64.RawURLEncoding.EncodeToString(sum[:]) != challenge:
		g.trail.Fail(explain.CodeVerifier, fmt.Sprintf("another one, of %d bytes", len(verifier)), "")
	default:
		g.trail.Pass(explain.CodeVerifier)
	}
}
