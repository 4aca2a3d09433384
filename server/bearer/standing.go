package bearer

import (
	"cmp"
	"context"
	"fmt"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// stand returns the token with those who stand behind it, when they do and the
// token was not revoked. It asks each time.
func (v *Verifier) stand(ctx context.Context, t Token) (*Token, error) {
	revoked, err := v.Directory.Revoked(ctx, t.SessionID, t.ID)
	if err != nil {
		return nil, fmt.Errorf("look for a revocation: %w", err)
	}
	trail := web.Trail(ctx)
	if revoked {
		trail.Fail(explain.TokenNotRevoked, "token "+t.ID+", session "+cmp.Or(t.SessionID, "(none)"), "")
		return nil, errors.TokenRevoked.Because(errRevoked)
	}
	trail.Pass(explain.TokenNotRevoked)
	if t.Application, err = v.application(ctx, t); err != nil {
		return nil, err
	}
	if t.Type == TypeUser {
		t.Authority = t.Application.AuthorityNow(t.Authority)
		if t.User, err = v.user(ctx, t.Subject); err != nil {
			return nil, err
		}
	}
	return &t, nil
}

func (v *Verifier) application(ctx context.Context, t Token) (*identity.Application, error) {
	app, err := v.Directory.Application(ctx, t.ClientID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		web.Trail(ctx).Fail(explain.TokenApplication, t.ClientID+" is gone", "")
		return nil, errors.TokenRevoked.Because(errApplicationGone)
	case err != nil:
		return nil, fmt.Errorf("look up a token's application: %w", err)
	}
	web.Trail(ctx).SetApplication(app)
	if app.Disabled || app.Ended(t.IssuedAt) {
		web.Trail(ctx).Fail(explain.TokenApplication, t.ClientID+" is disabled, or was when the token had been issued at "+explain.At(t.IssuedAt), "")
		return nil, errors.TokenRevoked.Because(errApplicationDisabled)
	}
	web.Trail(ctx).Pass(explain.TokenApplication)
	return app, nil
}

func (v *Verifier) user(ctx context.Context, subject string) (*identity.User, error) {
	id, err := v.Directory.UserOfSubject(ctx, subject)
	var user *identity.User
	if err == nil {
		user, err = v.Directory.User(ctx, id)
	}
	switch {
	case errors.Is(err, errors.UserNotFound):
		web.Trail(ctx).Fail(explain.TokenUser, subject+" is gone", "")
		return nil, errors.TokenRevoked.Because(errUserGone)
	case err != nil:
		return nil, fmt.Errorf("look up a token's user: %w", err)
	}
	web.Trail(ctx).SetUser(user)
	if user.Disabled {
		web.Trail(ctx).Fail(explain.TokenUser, user.Username+" is disabled", "")
		return nil, errors.TokenRevoked.Because(errUserDisabled)
	}
	web.Trail(ctx).Pass(explain.TokenUser)
	return user, nil
}
