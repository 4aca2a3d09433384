package identity

import (
	"context"
	"time"
)

// Store keeps identities. Every method returns one of the package errors' codes
// for what the caller did wrong, and any other error for a fault of its own.
//
// A method that changes a user or an application also announces it (see
// storage.Change) in the same transaction, so that no node's cache outlives it
// by more than a second.
type Store interface {
	// CreateUser adds a user to the store and to its groups. It returns
	// errors.Conflict naming "username" or "email" when taken, and
	// errors.GroupNotFound when a group does not exist.
	CreateUser(ctx context.Context, user User) error
	// User returns the user with its groups, or errors.UserNotFound.
	User(ctx context.Context, id string) (User, error)
	// UserByUsername is User by UsernameKey(username).
	UserByUsername(ctx context.Context, username string) (User, error)
	// Users returns one page of users by creation, oldest first, and how many there are.
	Users(ctx context.Context, page Page) ([]User, int, error)
	// SetUserDisabled disables or enables a user. It ends no sessions: see storage.Sessions.EndUserSessions.
	SetUserDisabled(ctx context.Context, id string, disabled bool, at time.Time) error
	// SetPasswordHash replaces a password. It ends no sessions either.
	SetPasswordHash(ctx context.Context, id, hash string, at time.Time) error
	// RenewPasswordHash replaces a hash by another of the same password; false
	// means that the user has another password by now, or is gone.
	RenewPasswordHash(ctx context.Context, id, old, renewed string, at time.Time) (bool, error)

	// CreateGroup adds a group, or returns errors.Conflict naming "id".
	CreateGroup(ctx context.Context, group Group) error

	// CreateApplication adds an application, or returns errors.Conflict naming "clientId".
	CreateApplication(ctx context.Context, app Application) error
	// Application returns the application, or errors.ApplicationNotFound.
	Application(ctx context.Context, id string) (Application, error)
	// ApplicationByClientID returns the application, or errors.ApplicationNotFound.
	ApplicationByClientID(ctx context.Context, clientID string) (Application, error)
	// Applications returns one page of applications by creation, oldest first, and how many there are.
	Applications(ctx context.Context, page Page) ([]Application, int, error)
	// SetApplicationDisabled disables or enables an application. Disabling sets
	// its NotBefore, which ends its sessions and tokens without touching them.
	SetApplicationDisabled(ctx context.Context, id string, disabled bool, at time.Time) error
	// SetClientSecrets replaces an application's secrets.
	SetClientSecrets(ctx context.Context, id string, secrets []ClientSecret, at time.Time) error
	// RenewClientSecrets replaces an application's secrets while they are still
	// old: the same ones, hashed anew. false means that they are not.
	RenewClientSecrets(ctx context.Context, id string, old, renewed []ClientSecret, at time.Time) (bool, error)
}

// Page is a slice of a list.
type Page struct {
	Number int // from 1
	Limit  int // entries on a page
}
