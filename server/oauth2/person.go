package oauth2

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/server/claims"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// prompt is what the application wants people to be asked (OpenID Connect Core §3.1.2.1).
type prompt struct{ None, Login, Consent, Choose bool }

// checkPerson checks what the application says of the person who is to sign in.
func (h *Handler) checkPerson(ctx context.Context, a *authorization) error {
	t := web.Trail(ctx)
	wrong := func(field, reason string) error {
		t.Fail(explain.RequestForm, field, reason)
		return errors.Malformed.On(map[string]string{field: reason})
	}
	var ok bool
	if a.Prompt, ok = parsePrompt(a.Params.Get("prompt")); !ok {
		return wrong("prompt", "must be none, or some of login, consent and select_account")
	}
	if age := a.Params.Get("max_age"); age != "" {
		seconds, err := strconv.ParseUint(age, 10, 31)
		if err != nil {
			return wrong("max_age", "must be a number of seconds")
		}
		a.MaxAge = time.Duration(seconds) * time.Second
	}
	var err error
	if a.Asked, err = claims.Parse(a.Params.Get("claims")); err != nil {
		t.Fail(explain.RequestForm, "claims", "the claims parameter")
		return err
	}
	t.Pass(explain.RequestForm)
	if a.Asked.Demands(claims.ACRPassword) {
		t.Fail(explain.AuthenticationContext, "an acr that the claims parameter makes essential", "acr "+claims.ACRPassword)
		return errors.UnmetAuthentication
	}
	return h.readHints(ctx, a)
}

// nobody stands for a user who is not there, and cannot sign in. It is no user's id.
const nobody = "nobody"

// readHints finds the user whom the application means, by an id token or by the sub
// that it asks for (OpenID Connect Core §5.5.1).
func (h *Handler) readHints(ctx context.Context, a *authorization) error {
	subject := a.Asked.Subject()
	if hint := a.Params.Get("id_token_hint"); hint != "" {
		hinted, err := h.readHint(ctx, a, hint)
		if err != nil {
			return err
		}
		if subject != "" && subject != hinted {
			t := web.Trail(ctx)
			t.Fail(explain.Hint, "the claims parameter and id_token_hint name two users", "one")
			return errors.Malformed.On(map[string]string{"claims": "names another user than id_token_hint"})
		}
		subject, a.Hinted = hinted, true
	}
	if subject == "" {
		return nil
	}
	var err error
	if a.Subject, err = h.Directory.UserKnownAs(ctx, a.App, subject); errors.Is(err, errors.UserNotFound) {
		a.Subject, err = nobody, nil
	}
	return err
}

// readHint returns whom an id token is about.
func (h *Handler) readHint(ctx context.Context, a *authorization, hint string) (subject string, err error) {
	t := web.Trail(ctx)
	wrong := func(got, want, reason string) *errors.Fault {
		t.FailToken(explain.Hint, hint, got, want)
		return errors.Malformed.On(map[string]string{"id_token_hint": reason})
	}
	token, err := h.Bearer.IDToken(hint)
	if err != nil {
		return "", wrong(errors.From(err).Cause().Error(), "an id token of this server", "is not from this server").Because(err)
	}
	if token.ClientID != a.App.ClientID {
		return "", wrong("issued to "+token.ClientID, a.App.ClientID, "was issued to another application")
	}
	t.Pass(explain.Hint)
	return token.Subject, nil
}

// parsePrompt reads the parameter prompt; false: it makes no sense.
func parsePrompt(text string) (p prompt, ok bool) {
	words := strings.Fields(text)
	for _, word := range words {
		switch word {
		case "none":
			p.None = true
		case "login":
			p.Login = true
		case "consent":
			p.Consent = true
		case "select_account":
			p.Choose = true
		default:
			return prompt{}, false
		}
	}
	return p, !p.None || len(words) == 1
}
