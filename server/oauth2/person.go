package oauth2

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gatehouse/errors"
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
	t.Pass(explain.RequestForm)
	return h.readHint(ctx, a)
}

// readHint finds the user whom the application means.
func (h *Handler) readHint(ctx context.Context, a *authorization) error {
	hint := a.Params.Get("id_token_hint")
	if hint == "" {
		return nil
	}
	t := web.Trail(ctx)
	wrong := func(got, want, reason string) *errors.Fault {
		t.FailToken(explain.Hint, hint, got, want)
		return errors.Malformed.On(map[string]string{"id_token_hint": reason})
	}
	token, err := h.Bearer.IDToken(hint)
	if err != nil {
		return wrong(errors.From(err).Cause().Error(), "an id token of this server", "is not from this server").Because(err)
	}
	if token.ClientID != a.App.ClientID {
		return wrong("issued to "+token.ClientID, a.App.ClientID, "was issued to another application")
	}
	t.Pass(explain.Hint)
	a.Subject = token.Subject
	return nil
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
