package registry

import (
	"context"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// EndSession ends one session of a user, or returns errors.IdentitySessionNotFound.
func (r *Registry) EndSession(ctx context.Context, userID, sessionID string) error {
	return r.ofUser(ctx, "user.end-session", userID, func(ctx context.Context) (facts, error) {
		session, err := r.Store.Session(ctx, sessionID)
		if errors.Is(err, errors.SessionNotFound) {
			return r.signOut(ctx, userID, sessionID)
		}
		if err != nil {
			return nil, err
		}
		now := r.now()
		if session.UserID != userID || !session.Live(now) {
			return nil, errors.IdentitySessionNotFound
		}
		_, err = r.Store.EndSession(ctx, sessionID, now, now.Add(storage.MaxAccessLifetime))
		return facts{"session": sessionID, "application": session.ClientID}, err
	})
}

// signOut signs a user out of a browser, which ends the sessions that it began.
func (r *Registry) signOut(ctx context.Context, userID, browserID string) (facts, error) {
	signIns, err := r.SignIns(ctx, userID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(signIns, func(s storage.Session) bool { return s.ID == browserID })
	if i < 0 {
		return nil, errors.IdentitySessionNotFound
	}
	now := r.now()
	_, err = r.Store.LeaveBrowser(ctx, browserID, userID, now, now.Add(storage.MaxAccessLifetime))
	return facts{"session": browserID, "application": signIns[i].ClientID}, err
}

// Sessions returns where a user is signed in, at applications and in browsers, the
// latest first.
func (r *Registry) Sessions(ctx context.Context, userID string) ([]storage.Session, error) {
	sessions, err := r.Store.SessionsOfUser(ctx, userID, r.now())
	if err != nil {
		return nil, err
	}
	signIns, err := r.SignIns(ctx, userID)
	return storage.Newest(sessions, signIns), err
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
