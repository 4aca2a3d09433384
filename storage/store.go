package storage

import (
	"context"
	"time"

	"gatehouse/identity"
)

// Store keeps what the server remembers. A method that ends or revokes also
// announces it as a Change, in the same transaction. Times are UTC, cut to the
// microsecond. Once a method that writes has returned nil, what it wrote
// survives the process being killed.
type Store interface {
	Sessions
	Codes
	Browsers
	Interactions
	Consents
	Deliveries
	Subjects
	Keys
	Changes
	SignIns
	Counters
	Audit
	Refusals
	Imports

	// InTx runs f in a transaction that every method called with f's context
	// takes part in, commits when f returns nil and rolls back otherwise.
	InTx(ctx context.Context, f func(ctx context.Context) error) error
	// Lease makes holder the one owner of name until the given time; false means
	// that another holder has it.
	Lease(ctx context.Context, name, holder string, now, until time.Time) (bool, error)
	// DeleteExpired removes at most limit rows whose time is over, and says how
	// many it removed; done means that a whole round over all tables is complete.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (deleted int, done bool, err error)
	// Analyze has the database find out how much there is of what identities are
	// kept in, where that is much more than it thinks, so that it plans well.
	Analyze(ctx context.Context) error
	// Ping says whether the database answers.
	Ping(ctx context.Context) error
}

// Sessions keeps sessions and their refresh tokens.
type Sessions interface {
	// CreateSession stores a session, and its SignedIn, in one statement.
	// A session with a PasswordHash is stored only if its user still has that
	// and is not disabled, for it would outlive what ends all sessions of a user
	// if that came first; otherwise CreateSession returns errors.Unavailable. For
	// the same reason one with a BrowserID is stored only if its user is signed in
	// in that browser, which has not expired at CreatedAt, and is not disabled;
	// otherwise CreateSession returns errors.InvalidAuthorizationCode.
	CreateSession(ctx context.Context, session Session) error
	// Session returns the session, ended or not, or errors.SessionNotFound.
	Session(ctx context.Context, id string) (Session, error)
	// RotateRefresh replaces the live refresh token. Of any number of callers that
	// show the same live token exactly one gets true; false means that it was
	// spent already or that the session has ended.
	RotateRefresh(ctx context.Context, r Rotation) (bool, error)
	// EndSession ends a session; its access tokens, which live until at most
	// until, are dead from now on. false means that it had ended before.
	EndSession(ctx context.Context, id string, at, until time.Time) (bool, error)
	// EndUserSessions ends all live sessions of a user but one (empty: all).
	EndUserSessions(ctx context.Context, userID, except string, at, until time.Time) error
	// SessionsOfUser returns the user's sessions that live at the given time, newest
	// first, at most 1 000. None lives whose application is gone, or was disabled since.
	SessionsOfUser(ctx context.Context, userID string, now time.Time) ([]Session, error)
}

// Codes keeps single-use codes.
type Codes interface {
	// OnceOnly says whether a text such as the jti of a client's assertion (RFC 7523
	// §3) is seen for the first time; it may be forgotten after until.
	OnceOnly(ctx context.Context, text string, until time.Time) (bool, error)
	// CreateCode stores a code. It returns errors.InvalidAuthorizationCode if its user
	// or its application is gone, or the user is disabled.
	CreateCode(ctx context.Context, code Code) error
	// Code returns the code, spent or not, or errors.InvalidAuthorizationCode.
	Code(ctx context.Context, kind string, hash []byte) (Code, error)
	// SpendCode marks a code as used. Of any number of callers exactly one gets true.
	// In a transaction it holds the code until that ends.
	SpendCode(ctx context.Context, kind string, hash []byte, sessionID string, at time.Time) (bool, error)
	// DeleteCode removes a code, spent or not: nobody will know that it was there.
	DeleteCode(ctx context.Context, kind string, hash []byte) error
	// Redeem marks a code as used by a session, and stores that, in one transaction.
	// Of any number of callers exactly one gets true; false means that the code was
	// used already, or is gone, and nothing was stored. It returns
	// errors.InvalidAuthorizationCode if the session cannot be stored, for its user is
	// gone or disabled, or not signed in in its browser any more (see
	// Sessions.CreateSession); then the code stays used.
	Redeem(ctx context.Context, kind string, hash []byte, session Session, at time.Time) (bool, error)
}

// Browsers keeps who is signed in in which browser. Sessions that were begun by a
// browser end with its account there.
type Browsers interface {
	// Browser returns the browser with this hash, unless all of its accounts have
	// expired, with those whose users are there and not disabled, expired or not;
	// false: there is none. It is one statement.
	Browser(ctx context.Context, hash []byte, now time.Time) (Browser, bool, error)
	// SignInBrowser records a sign-in, which takes place at the Browser's CreatedAt:
	// the account is in the browser from now on, as the one used last, and the browser
	// has the new hash and what else is given. Is there no browser with the old hash,
	// or has it expired, then there is a new one. Of two that show the same
	// old hash one gets errors.Unavailable, and so does one whose user has changed
	// since the password was checked, or is disabled or gone. It stores the SignedIn as
	// CreateSession does. A browser has at most ten accounts: the one not used for
	// longest goes, as with LeaveBrowser.
	SignInBrowser(ctx context.Context, s BrowserSignIn) error
	// BrowsersOfUser returns the browsers in which a user's account has not expired by
	// the given time, with no other account in them, the latest sign-in first, at most
	// 1 000.
	BrowsersOfUser(ctx context.Context, userID string, now time.Time) ([]Browser, error)
	// UseAccount makes an account of a browser the one used last, if it is there.
	UseAccount(ctx context.Context, browserID, userID string, at time.Time) error
	// LeaveBrowser signs an account (empty: every one) out of a browser and ends the
	// sessions that it began there, as EndSession does. It returns those that ended.
	LeaveBrowser(ctx context.Context, browserID, userID string, at, until time.Time) ([]Session, error)
	// SignOutEverywhere signs a user out of all browsers but one (empty: all). It ends
	// no sessions: see EndUserSessions. A user who is disabled or deleted is signed
	// out without it.
	SignOutEverywhere(ctx context.Context, userID, except string) error
}

// Interactions keeps authorization requests that wait for a person.
type Interactions interface {
	// Interaction returns the interaction with this hash; false: there is none, or it
	// has expired.
	Interaction(ctx context.Context, hash []byte, now time.Time) (Interaction, bool, error)
	// SaveInteraction replaces Browser and Payload of the interaction with this
	// Version; with version 0 it inserts the interaction, unless it is there. Of
	// several that save the same version one gets true.
	SaveInteraction(ctx context.Context, i Interaction) (bool, error)
	// DeleteInteraction removes an interaction that still has this version.
	DeleteInteraction(ctx context.Context, hash []byte, version int64) error
}

// Consents keeps what users have let applications have. A consent goes with its
// user and with its application.
type Consents interface {
	// Consent returns the scopes that a user has consented to; none: nil.
	Consent(ctx context.Context, userID, applicationID string) ([]string, error)
	// AddConsent adds to a consent, for the application in the version that its user was
	// asked about. It returns errors.StaleVersion if that has changed or is gone, and
	// errors.Unavailable if the user is gone.
	AddConsent(ctx context.Context, userID string, app identity.Application, scopes []string, at time.Time) error
	// DropConsents forgets what all users have let an application have. Sessions go on.
	DropConsents(ctx context.Context, applicationID string) error
	// ConsentsOfUser returns all consents of a user, the oldest first.
	ConsentsOfUser(ctx context.Context, userID string) ([]Consent, error)
	// WithdrawConsent removes a consent and the user's unused codes for the
	// application, and ends their sessions there, as EndSession does; false: there was
	// no consent.
	WithdrawConsent(ctx context.Context, userID, applicationID string, at, until time.Time) (bool, error)
}

// Deliveries keeps the news of ended sessions for the applications that want to
// know: whatever ends a session of an application with a BackchannelLogoutURI
// adds one, in the same transaction, if the application got an id token, so that it
// knows of the session. There is none for an application that is disabled or gone.
// After a week it is no news any more: see DeleteExpired.
type Deliveries interface {
	// TakeDeliveries returns at most so many deliveries that are due, oldest first,
	// which nobody else gets until the given time, of other applications than those
	// with these client ids.
	TakeDeliveries(ctx context.Context, now, until time.Time, limit int, except ...string) ([]Delivery, error)
	// EndDelivery removes a delivery that has arrived, or that is given up.
	EndDelivery(ctx context.Context, id string) error
	// RetryDelivery has a delivery due again at the given time, after one more attempt.
	RetryDelivery(ctx context.Context, id string, at time.Time) error
}

// Subjects keeps what applications with pairwise subject identifiers know their
// users by (OpenID Connect Core §8.1).
type Subjects interface {
	// PairwiseSubject returns by which sub the applications of a sector know a user:
	// fresh, if it is asked for the first time. It never changes and goes with its
	// user; errors.UserNotFound: that is nobody.
	PairwiseSubject(ctx context.Context, userID, sector, fresh string) (string, error)
	// UserOfSubject returns the id of the user with a subject, or errors.UserNotFound.
	UserOfSubject(ctx context.Context, subject string) (userID string, err error)
}

// Keys keeps signing keys.
type Keys interface {
	// Keys returns all keys, oldest first.
	Keys(ctx context.Context) ([]Key, error)
	// ReplaceKeys stores new keys and what changed in old ones (Sealed, RetiredAt,
	// ExpiresAt) in one transaction, provided that the stored ids are still exactly
	// those in seen; false means that another node was faster, and nothing was stored.
	ReplaceKeys(ctx context.Context, seen []string, create, change []Key) (bool, error)
}

// Changes is the list that keeps the nodes' caches honest.
type Changes interface {
	// Changes returns up to limit changes numbered above after, ascending. Lines
	// become visible in the order of their numbers: none appears later below one
	// that was returned. Numbers may be missing.
	Changes(ctx context.Context, after int64, limit int) ([]Change, error)
	// Announce appends changes. An end of a session or a revocation that was
	// announced before keeps its line, but is told to OnAnnounce again.
	Announce(ctx context.Context, changes ...Change) error
	// RevokeToken revokes one access token by its jti until it has expired. Doing it again changes nothing.
	RevokeToken(ctx context.Context, jti string, until time.Time) error
	// Revoked says whether the session has ended or the token was revoked. It
	// is asked when the list could not be followed lately.
	Revoked(ctx context.Context, sessionID, jti string) (bool, error)
	// OnAnnounce calls f with whatever this process announces from now on: after
	// the commit, and before the method that announced it returns. It is called
	// once, before the store is used.
	OnAnnounce(f func([]Change))
	// Watch calls wake whenever changes may have been appended by another node,
	// until ctx ends. Where the database cannot tell, it only waits.
	Watch(ctx context.Context, wake func()) error
}

// SignIns keeps what throttles password guessing.
type SignIns interface {
	// SignIn reads what a sign-in needs, in one statement.
	SignIn(ctx context.Context, q SignInQuery) (SignIn, error)
	// RecordFailures counts failed sign-ins, in one statement. Those with a UserID
	// are all of one user.
	RecordFailures(ctx context.Context, failures []Failure) error
	// ClearFailures forgets the failures under the keys.
	ClearFailures(ctx context.Context, keys []string) error
}

// Counters are counts of requests that all nodes share.
type Counters interface {
	// AddCounts adds to counters in the window that starts at the given time and
	// returns the totals of all nodes for the same keys, in one statement.
	// Counters may be forgotten after until.
	AddCounts(ctx context.Context, window, until time.Time, counts map[string]int) (map[string]int, error)
}
