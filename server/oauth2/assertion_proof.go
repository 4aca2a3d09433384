package oauth2

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/clientkeys"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

const (
	assertionLeeway = 30 * time.Second // that clocks may differ by
	assertionLife   = time.Hour        // exp may be so far ahead: for so long jtis are kept
)

// Why an assertion proves nothing, besides the errors of clientkeys.
var (
	errClientDisabled    = errors.New("the application is disabled")
	errClientMethod      = errors.New("the application authenticates in another way")
	errAssertionAudience = errors.New("the client_assertion is for another audience")
	errAssertionExpired  = errors.New("the client_assertion has expired")
	errAssertionFar      = errors.New("the client_assertion expires too late")
	errAssertionFuture   = errors.New("the client_assertion is from the future")
	errAssertionReplayed = errors.New("the client_assertion was used before")
)

// authenticateByKey returns the application whose key signed an assertion that was
// not used before, or errors.InvalidClient. Like authenticate, it reads a known
// client again before it refuses it, and takes as long over one that nobody knows.
func (h *Handler) authenticateByKey(ctx context.Context, a *assertion) (*identity.Application, error) {
	app, err := h.Directory.Application(ctx, a.clientID)
	if err != nil {
		_ = h.ClientKeys.Verify(ctx, nil, a.signature) // takes its time
		return nil, noteUnknown(ctx, a, err)
	}
	why := h.provesByKey(ctx, app, a)
	if why != nil {
		fresh, err := h.Identity.ApplicationByClientID(ctx, a.clientID)
		if err != nil {
			return nil, noteUnknown(ctx, a, err)
		}
		if fresh.Version != app.Version {
			why = h.provesByKey(ctx, &fresh, a)
		}
		app = &fresh
	}
	if why == nil {
		why = h.spendAssertion(ctx, a)
	}
	return app, h.concluded(ctx, app, a, why)
}

// noteUnknown notes that there is no such application, unless err is about something else.
func noteUnknown(ctx context.Context, a *assertion, err error) error {
	if !errors.Is(err, errors.ApplicationNotFound) {
		return err
	}
	web.Trail(ctx).Fail(explain.ClientKnown, explain.ClientID(a.clientID), "")
	return errors.InvalidClient.Because(err)
}

// provesByKey says why an assertion does not prove that it is the application's: nil
// if it does, so far as that can be said without knowing whether it was used before.
func (h *Handler) provesByKey(ctx context.Context, app *identity.Application, a *assertion) error {
	signer := app
	if app.Disabled || app.TokenEndpointAuthMethod != identity.AuthPrivateKeyJWT {
		signer = nil
	}
	err, now := h.ClientKeys.Verify(ctx, signer, a.signature), h.Now()
	switch {
	case app.Disabled:
		return errClientDisabled
	case signer == nil:
		return errClientMethod
	case err != nil:
		return err
	case slices.ContainsFunc(a.audience, func(aud string) bool { return !slices.Contains(h.audiences(), aud) }):
		return errAssertionAudience
	case !now.Before(a.expiresAt.Add(assertionLeeway)):
		return errAssertionExpired
	case a.expiresAt.After(now.Add(assertionLife + assertionLeeway)):
		return errAssertionFar
	case a.from.After(now.Add(assertionLeeway)):
		return errAssertionFuture
	}
	return nil
}

// audiences are what an assertion may call this server: its issuer, and the address
// of an endpoint where clients authenticate (RFC 7523 §3, RFC 9126 §2) only where the
// configuration says so. A dishonest server can name our endpoint as its own, and show
// us the assertion that it gets (draft-ietf-oauth-rfc7523bis); it cannot name our
// issuer. One that is for others as well is refused, for they could show it here.
func (h *Handler) audiences() []string {
	issuer := h.config.Issuer
	if !h.config.AcceptEndpointAudience {
		return []string{issuer}
	}
	return []string{issuer, issuer + "/oauth2/token", issuer + "/oauth2/par", issuer + "/oauth2/introspect", issuer + "/oauth2/revoke"}
}

// spendAssertion takes note of an assertion's jti (RFC 7523 §3), after all else: who
// does not have the key cannot use up another's.
func (h *Handler) spendAssertion(ctx context.Context, a *assertion) error {
	first, err := h.Codes.OnceOnly(ctx, "client_assertion "+a.clientID+" "+a.id, a.expiresAt.Add(assertionLeeway))
	if err == nil && !first {
		return errAssertionReplayed
	}
	return err
}

// assertionCheck is a check of an assertion, and the errors that it fails with.
type assertionCheck struct {
	check explain.Check
	errs  []error
}

// assertionChecks are all of them, in their order.
var assertionChecks = []assertionCheck{
	{explain.ClientEnabled, []error{errClientDisabled}},
	{explain.ClientMethod, []error{errClientMethod}},
	{explain.ClientKey, []error{clientkeys.ErrAlgorithm, clientkeys.ErrNoKey, clientkeys.ErrSeveral, clientkeys.ErrFetch}},
	{explain.ClientSignature, []error{clientkeys.ErrSignature}},
	{explain.ClientAudience, []error{errAssertionAudience}},
	{explain.ClientTime, []error{errAssertionExpired, errAssertionFar, errAssertionFuture}},
	{explain.ClientOnce, []error{errAssertionReplayed}},
}

// concluded notes how an application that is there was authenticated. Why it was not
// clients are not told: they get errors.InvalidClient, unless it is a fault of ours
// or the end of ctx.
func (h *Handler) concluded(ctx context.Context, app *identity.Application, a *assertion, why error) error {
	failed := slices.IndexFunc(assertionChecks, func(c assertionCheck) bool {
		return slices.ContainsFunc(c.errs, func(err error) bool { return errors.Is(why, err) })
	})
	if why != nil && failed < 0 {
		return why
	}
	t := web.Trail(ctx)
	t.SetApplication(app)
	t.Pass(explain.ClientKnown)
	for i, c := range assertionChecks {
		if i == failed {
			got, want := h.compared(app, a, c.check, why)
			t.Fail(c.check, got, want)
			return errors.InvalidClient.Because(why)
		}
		t.Pass(c.check)
	}
	return nil
}

// compared is what a check that failed has compared.
func (h *Handler) compared(app *identity.Application, a *assertion, check explain.Check, why error) (got, want string) {
	switch check {
	case explain.ClientEnabled:
		return "disabled", "enabled"
	case explain.ClientMethod:
		return identity.AuthPrivateKeyJWT, app.TokenEndpointAuthMethod
	case explain.ClientKey:
		s := a.signature
		return fmt.Sprintf("alg %s, kid %s: %s", explain.Name(s.Algorithm), explain.Name(s.KeyID), why), explain.List(clientkeys.Algorithms())
	case explain.ClientAudience:
		return explain.Names(a.audience, h.audiences()), h.config.Issuer
	case explain.ClientTime:
		got = "until " + explain.At(a.expiresAt)
		if !a.from.IsZero() {
			got = "from " + explain.At(a.from) + " " + got
		}
		return got, fmt.Sprintf("now %s, with an hour left at most", explain.At(h.Now()))
	}
	return "", ""
}
