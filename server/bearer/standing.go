package bearer

import (
	"context"
	"fmt"

	"gatehouse/errors"
	"gatehouse/identity"
)

// stand returns the token with those who stand behind it, when they do and the
// token was not revoked. It asks each time.
func (v *Verifier) stand(ctx context.Context, t Token) (*Token, error) {
	revoked, err := v.Directory.Revoked(ctx, t.SessionID, t.ID)
	if err != nil {
		return nil, fmt.Errorf("look for a revocation: %w", err)
	}
	if revoked {
		return nil, errors.TokenRevoked.Because(errRevoked)
	}
	if t.Application, err = v.application(ctx, t); err != nil {
		return nil, err
	}
	if t.Type == TypeUser {
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
		return nil, errors.TokenRevoked.Because(errApplicationGone)
	case err != nil:
		return nil, fmt.Errorf("look up a token's application: %w", err)
	case app.Disabled || app.Ended(t.IssuedAt):
		return nil, errors.TokenRevoked.Because(errApplicationDisabled)
	default:
		return app, nil
	}
}

func (v *Verifier) user(ctx context.Context, id string) (*identity.User, error) {
	user, err := v.Directory.User(ctx, id)
	switch {
	case errors.Is(err, errors.UserNotFound):
		return nil, errors.TokenRevoked.Because(errUserGone)
	case err != nil:
		return nil, fmt.Errorf("look up a token's user: %w", err)
	case user.Disabled:
		return nil, errors.TokenRevoked.Because(errUserDisabled)
	default:
		return user, nil
	}
}
