package identity

import (
	"context"
	"time"
)

// Store keeps identities. Every method returns one of the package errors' codes
// for what the caller did wrong, and any other error for a fault of its own.
//
// A method that changes what a node may have cached also announces it (see
// storage.Change) in the same transaction, so that no cache outlives it by more
// than a second. Methods whose name ends in ToChange belong into a transaction:
// they read what is about to be changed there, and keep others from changing it
// until the transaction ends.
type Store interface {
	Users
	Groups
	Applications
	Products
}

// Users keeps users.
type Users interface {
	// CreateUser adds a user to the store and to its groups. It returns
	// errors.Conflict naming every one of "username" and "email" that is taken,
	// and errors.GroupNotFound when a group does not exist.
	CreateUser(ctx context.Context, user User) error
	// CreateUsers is CreateUser for many at once, all of them or none. An error
	// does not say whose it is, and names one field.
	CreateUsers(ctx context.Context, users []User) error
	// User returns the user with its groups, or errors.UserNotFound.
	User(ctx context.Context, id string) (User, error)
	// UserByUsername is User by UsernameKey(username).
	UserByUsername(ctx context.Context, username string) (User, error)
	// UserByEmail is User by EmailKey(email).
	UserByEmail(ctx context.Context, email string) (User, error)
	// UserToChange is User for a change.
	UserToChange(ctx context.Context, id string) (User, error)
	// Users returns one page of the users that a query finds, and how many it finds.
	Users(ctx context.Context, q UserQuery) ([]User, int, error)
	// UsersNamed returns, in no order, every user that has one of the usernames
	// or one of the e-mail addresses, whatever the case.
	UsersNamed(ctx context.Context, usernames, emails []string) ([]User, error)
	// UsersByID returns, in no order, every user that has one of the IDs, all as
	// they were at one moment.
	UsersByID(ctx context.Context, ids []string) ([]User, error)
	// UsersAfter returns the users whose IDs come after one (empty: from the
	// first), by ID, at most so many.
	UsersAfter(ctx context.Context, id string, limit int) ([]User, error)
	// UpdateUser stores everything about a user but its ID, PasswordHash and
	// CreatedAt, and what only the store writes. It returns what CreateUser returns.
	UpdateUser(ctx context.Context, user User) error
	// DeleteUser removes a user and its memberships, or returns
	// errors.UserNotFound. It ends no sessions: see storage.Sessions.EndUserSessions.
	DeleteUser(ctx context.Context, id string, at time.Time) error
	// SetPasswordHash replaces a password, which is a new version of the user and
	// adds 1 to its Credentials. It ends no sessions either.
	SetPasswordHash(ctx context.Context, id, hash string, at time.Time) error
	// RenewPasswordHash replaces a hash by another of the same password, which is
	// no new version; false means that the user has another password by now, or is gone.
	RenewPasswordHash(ctx context.Context, id, old, renewed string, at time.Time) (bool, error)
	// UnlockUser lets the user's failed sign-ins up to now count for nothing, and
	// clears FrozenUntil. It is no new version. It returns errors.UserNotFound.
	UnlockUser(ctx context.Context, id string, now time.Time) error
	// AnotherAdmin says whether somebody besides the user is an enabled member of
	// AdminGroup. Until the transaction ends no other one gets an answer, so of
	// two that each remove one of the last two members one sees the other's work.
	AnotherAdmin(ctx context.Context, userID string) (bool, error)
}

// UserQuery says which users to list. Its conditions all hold together; those
// that are empty do not count.
type UserQuery struct {
	Page
	Prefix   string // of username, e-mail, first or last name, whatever the case
	Username string // exact, case-insensitive
	Email    string // exact, case-insensitive
	Group    string // id of a group they are in
	Disabled *bool  // whether they are disabled; nil: either

	FrozenAt       time.Time // frozen at that moment; see User.FrozenAt
	SignedInBefore time.Time // LastSignIn is known and before it
	SignedInAfter  time.Time // LastSignIn is at or after it

	// Sort is one of the UserOrders, with a "-" in front for the other direction.
	// Empty: by what Prefix found, or by creation if it is empty too.
	Sort string
}

// UserOrders are what users can be sorted by. Ties are in order of creation, or
// in the opposite one when the direction is.
var UserOrders = []string{"createdAt", "username", "email", "lastName"}

// Groups keeps groups and who is in them.
type Groups interface {
	// CreateGroup adds a group, or returns errors.Conflict naming "id".
	CreateGroup(ctx context.Context, group Group) error
	// Group returns the group, or errors.GroupNotFound.
	Group(ctx context.Context, id string) (Group, error)
	// GroupToChange is Group for a change.
	GroupToChange(ctx context.Context, id string) (Group, error)
	// Groups returns one page of groups by id, and how many there are.
	Groups(ctx context.Context, page Page) ([]Group, int, error)
	// GroupsNamed returns those of the groups that there are, by id, without
	// Metadata, all as they were at one moment. They may share lists of actions,
	// which must not be changed.
	GroupsNamed(ctx context.Context, ids []string) ([]Group, error)
	// GroupsToUse is GroupsNamed for what depends on them: until the transaction
	// ends, nobody deletes one of them.
	GroupsToUse(ctx context.Context, ids []string) ([]Group, error)
	// AllGroups is GroupsNamed for every group.
	AllGroups(ctx context.Context) ([]Group, error)
	// UpdateGroup stores everything about a group but its ID, BuiltIn and
	// CreatedAt, or returns errors.GroupNotFound.
	UpdateGroup(ctx context.Context, group Group) error
	// DeleteGroup removes a group and its memberships, or returns errors.GroupNotFound.
	DeleteGroup(ctx context.Context, id string, at time.Time) error
	// Members returns who is in each of the groups, at most so many usernames and
	// client ids of each.
	Members(ctx context.Context, groupIDs []string, most int) (map[string]Members, error)
	// GroupSets returns the different sets of groups that enabled users are in
	// who are in at least one of the groups given, ordered by those sets, all as
	// they were at one moment; of each set at most so many usernames. It reads
	// every such user and membership: see BenchmarkGroupSets for what that takes.
	GroupSets(ctx context.Context, groupIDs []string, most int) ([]GroupSet, error)
	// AddMember puts a user into a group, which is a new version of the user. It
	// returns errors.UserNotFound, errors.GroupNotFound, or errors.Conflict
	// naming "userId" when the user is there already.
	AddMember(ctx context.Context, groupID, userID string, at time.Time) error
	// RemoveMember takes a user out of a group, which is a new version of the
	// user, or returns errors.MembershipNotFound.
	RemoveMember(ctx context.Context, groupID, userID string, at time.Time) error
}

// Applications keeps applications.
type Applications interface {
	// CreateApplication adds an application to the store and to its groups. It
	// returns errors.Conflict naming "clientId", errors.InvalidApplicationName when
	// there is no such product, or errors.GroupNotFound.
	CreateApplication(ctx context.Context, app Application) error
	// Application returns the application, or errors.ApplicationNotFound.
	Application(ctx context.Context, id string) (Application, error)
	// ApplicationByClientID returns the application, or errors.ApplicationNotFound.
	ApplicationByClientID(ctx context.Context, clientID string) (Application, error)
	// ApplicationToChange is Application for a change.
	ApplicationToChange(ctx context.Context, id string) (Application, error)
	// Applications returns one page of applications by creation, oldest first, and how many there are.
	Applications(ctx context.Context, page Page) ([]Application, int, error)
	// UpdateApplication stores everything about an application but its ID,
	// ClientID, Name, Groups, BuiltIn and CreatedAt, or returns errors.ApplicationNotFound.
	UpdateApplication(ctx context.Context, app Application) error
	// AddApplicationMember makes an application a member of a group, which is a new
	// version of the application. It returns errors.ApplicationNotFound,
	// errors.GroupNotFound, or errors.Conflict naming "applicationId" when it is one.
	AddApplicationMember(ctx context.Context, groupID, applicationID string, at time.Time) error
	// RemoveApplicationMember ends a membership, which is a new version of the
	// application, or returns errors.MembershipNotFound.
	RemoveApplicationMember(ctx context.Context, groupID, applicationID string, at time.Time) error
	// DeleteApplication removes an application, or returns
	// errors.ApplicationNotFound. Its sessions expire unused, and the NotBefore of
	// one that gets its client id later has to be its creation.
	DeleteApplication(ctx context.Context, id string, at time.Time) error
	// RenewClientSecrets replaces an application's secrets while they are still
	// old: the same ones, hashed anew, which is no new version. false means that they are not.
	RenewClientSecrets(ctx context.Context, id string, old, renewed []ClientSecret, at time.Time) (bool, error)
}

// Products keeps products.
type Products interface {
	// CreateProduct adds a product, or returns errors.Conflict naming "name".
	CreateProduct(ctx context.Context, product Product) error
	// Product returns the product, or errors.ProductNotFound.
	Product(ctx context.Context, name string) (Product, error)
	// Products returns all products by name.
	Products(ctx context.Context) ([]Product, error)
	// ProductsToUse is Products for what depends on which are registered: until the
	// transaction ends, nobody registers or deletes one.
	ProductsToUse(ctx context.Context) ([]Product, error)
	// ProductsToChange is Products for registering or deleting one: until the
	// transaction ends, nobody else does, and nobody has ProductsToUse.
	ProductsToChange(ctx context.Context) ([]Product, error)
	// UpdateProduct stores a product's description, or returns errors.ProductNotFound.
	UpdateProduct(ctx context.Context, product Product) error
	// DeleteProduct removes a product. It returns errors.ProductNotFound, or
	// errors.Protected naming "name" when applications belong to it.
	DeleteProduct(ctx context.Context, name string, at time.Time) error
}

// Page is a slice of a list.
type Page struct {
	Number int // from 1
	Limit  int // entries on a page
}
