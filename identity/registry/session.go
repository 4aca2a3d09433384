package registry

import (
	"context"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// EndSession ends one session of a user, or returns errors.IdentitySessionNotFound.
func (r *Registry) EndSession(ctx context.Context, userID, sessionID string) error {
	return r.ofUser(ctx, "user.end-session", userID, func(ctx context.Context) (facts, error) {
		session, err := r.Store.Session(ctx, sessionID)
		now := r.now()
		if errors.Is(err, errors.SessionNotFound) || err == nil && (session.UserID != userID || !session.Live(now)) {
			return nil, errors.IdentitySessionNotFound
		}
		if err != nil {
			return nil, err
		}
		_, err = r.Store.EndSession(ctx, sessionID, now, now.Add(storage.MaxAccessLifetime))
		return facts{"session": sessionID, "application": session.ClientID}, err
	})
}

// EndSessions ends all sessions of a user.
func (r *Registry) EndSessions(ctx context.Context, userID string) error {
	return r.ofUser(ctx, "user.end-sessions", userID, func(ctx context.Context) (facts, error) {
		return nil, r.endSessions(ctx, userID, "")
	})
}

// ofUser does something to what belongs to a user, who stays the same version.
func (r *Registry) ofUser(ctx context.Context, action, userID string, do func(ctx context.Context) (before facts, err error)) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		user, err := r.userToChange(ctx, userID, nil)
		if err != nil {
			return err
		}
		before, err := do(ctx)
		if err != nil {
			return err
		}
		return r.record(ctx, action, subjectOf(user), before, nil)
	})
}

// memberFacts says that a user is in a group.
func memberFacts(user identity.User) facts {
	return facts{"userId": user.ID, "username": user.Username}
}
