package sqlstore

import (
	"context"
	"fmt"

	"gatehouse/errors"
	"gatehouse/storage"
)

// insertSession is followed by where the values of a session come from, which are
// the first arguments.
const insertSession = `INSERT INTO sessions (` + sessionColumns + `) `

// sessionWidth is how many arguments those are.
const sessionWidth = 29

// allowing is a SELECT that finds a row, of $1 and so on for a session, if its
// user lets it be: they are not disabled, have the password that was checked, and
// are signed in in the browser that begins it. The locks make whoever is about to
// change that wait. It adds what it compares with to the arguments.
func (d dialect) allowing(session storage.Session, args []any) (from string, with []any) {
	from = ` FROM users WHERE users.id = $2 AND NOT users.disabled`
	lock := d.share
	if session.BrowserID != "" { // argument 23; argument 12 is when
		from = ` FROM users JOIN browser_accounts ON browser_accounts.user_id = users.id
			WHERE users.id = $2 AND NOT users.disabled AND browser_accounts.browser_id = $23 AND browser_accounts.expires_at > $12`
		lock += d.shareAccount
	}
	if session.PasswordHash != "" {
		args = append(args, session.PasswordHash)
		from += fmt.Sprintf(" AND users.password_hash = $%d", len(args))
	}
	return from + lock, args
}

// errUserChanged is why a sign-in has to begin again.
var errUserChanged = errors.New("the user has changed since the password was checked")

// CreateSession implements storage.Sessions.
func (s *Store) CreateSession(ctx context.Context, session storage.Session) error {
	n, err := s.createSession(ctx, session)
	switch {
	case err != nil:
	case n == 0 && session.BrowserID != "":
		return errors.InvalidAuthorizationCode.Because(errSignedOut)
	case n == 0:
		err = unavailable(errUserChanged)
	}
	if err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	return nil
}

// errSignedOut is why a code is worth nothing any more.
var errSignedOut = errors.New("the user is not signed in in the browser any more")

// createSession says how many sessions it stored.
func (s *Store) createSession(ctx context.Context, session storage.Session) (int64, error) {
	values := sessionValues(session)
	switch {
	case session.SignedIn != nil:
		return s.storeSignIn(ctx, signIn{
			insert: insertSession + "SELECT " + marks(0, sessionWidth), returning: "user_id",
			args: values, password: session.PasswordHash, SignedIn: *session.SignedIn,
		})
	case session.PasswordHash != "" || session.BrowserID != "":
		from, args := s.dialect.allowing(session, values)
		return s.exec(ctx, insertSession+"SELECT "+marks(0, sessionWidth)+from, args...)
	}
	return s.exec(ctx, insertSession+"VALUES ("+marks(0, sessionWidth)+")", values...)
}
