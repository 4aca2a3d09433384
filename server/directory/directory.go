package directory

import (
	"cmp"
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"gatehouse/identity"
	"gatehouse/server/changes"
	"gatehouse/storage"
)

// Config bounds what is remembered. The zero value is usable.
type Config struct {
	MaxUsers        int // 0: 10 000
	MaxApplications int // 0: 1 000
}

// Identity is where users, applications, groups and products are read.
type Identity interface {
	User(ctx context.Context, id string) (identity.User, error)
	ApplicationByClientID(ctx context.Context, clientID string) (identity.Application, error)
	UserByUsername(ctx context.Context, username string) (identity.User, error)
	UsersByID(ctx context.Context, ids []string) ([]identity.User, error)
	UsersNamed(ctx context.Context, usernames, emails []string) ([]identity.User, error)
	GroupsNamed(ctx context.Context, ids []string) ([]identity.Group, error)
	AllGroups(ctx context.Context) ([]identity.Group, error)
	Products(ctx context.Context) ([]identity.Product, error)
}

// Store is where revocations are read when the feed is not fresh, and pairwise
// subjects.
type Store interface {
	Revoked(ctx context.Context, sessionID, jti string) (bool, error)
	storage.Subjects
}

// Deps is all that a Directory takes from the rest of the program; every field is required.
type Deps struct {
	Identity Identity
	Store    Store
	Feed     *changes.Feed // not started yet
	Now      func() time.Time
}

// Directory answers who there is and what was revoked, no more than a second
// behind the database. It may be used by several goroutines at once.
type Directory struct {
	Deps
	users        *cache[identity.User]
	names        *lru.Cache[string, string] // username key to id, of users who may be gone
	subjects     *lru.Cache[string, string] // user and sector to pairwise sub, and that to the user's id: neither ever changes
	applications *cache[identity.Application]
	revoked      *revocations
	policy       *policies
	views        views
}

// New returns a Directory that follows d.Feed.
func New(d Deps, c Config) *Directory {
	most := cmp.Or(c.MaxUsers, 10_000)
	names, _ := lru.New[string, string](max(most, 1)) // only a size below 1 is an error
	subjects, _ := lru.New[string, string](max(most, 1))
	dir := &Directory{
		Deps:         d,
		users:        newCache(most, d.Identity.User),
		names:        names,
		subjects:     subjects,
		applications: newCache(cmp.Or(c.MaxApplications, 1_000), d.Identity.ApplicationByClientID),
		revoked:      newRevocations(),
		policy:       newPolicies(d.Identity, d.Feed.Sync),
	}
	d.Feed.Subscribe(dir.apply, dir.reset)
	return dir
}

// User returns the user, which is shared and not to be changed, or
// errors.UserNotFound.
func (d *Directory) User(ctx context.Context, id string) (*identity.User, error) {
	return lookup(ctx, d, d.users, id)
}

// Application returns the application with this client id, which is shared and
// not to be changed, or errors.ApplicationNotFound.
func (d *Directory) Application(ctx context.Context, clientID string) (*identity.Application, error) {
	return lookup(ctx, d, d.applications, clientID)
}

// Policy returns what the groups permit.
func (d *Directory) Policy(ctx context.Context) (*identity.Policy, error) {
	if !d.Feed.Fresh() { // to find out what changed costs less than to read everything
		if err := d.Feed.Sync(ctx); err != nil {
			return nil, err
		}
	}
	return d.policy.remembered(ctx)
}

// Revoked says whether the session (empty: none) has ended or the token with
// this jti was revoked.
func (d *Directory) Revoked(ctx context.Context, sessionID, jti string) (bool, error) {
	if !d.Feed.Fresh() {
		return d.Store.Revoked(ctx, sessionID, jti)
	}
	return sessionID != "" && d.revoked.has(storage.SessionEnded, sessionID) ||
		d.revoked.has(storage.TokenRevoked, jti), nil
}

// Stats counts what was answered from memory.
type Stats struct {
	Users, Applications CacheStats
	Revocations         int // remembered now
}

// Stats returns the counts since the start.
func (d *Directory) Stats() Stats {
	return Stats{d.users.stats(), d.applications.stats(), d.revoked.len()}
}

func lookup[V any](ctx context.Context, d *Directory, c *cache[V], key string) (*V, error) {
	if !d.Feed.Fresh() {
		return c.unremembered(ctx, key)
	}
	return c.remembered(ctx, key)
}

// apply follows the feed.
func (d *Directory) apply(list []storage.Change) {
	var groups []string
	for _, c := range list {
		switch c.Kind {
		case storage.UserChanged:
			d.users.forget(c.Key)
		case storage.ApplicationChanged:
			d.applications.forget(c.Key)
		case storage.GroupChanged:
			groups = append(groups, c.Key)
		case storage.GroupDeleted:
			groups = append(groups, c.Key)
			d.users.forgetAll() // its members are in it no more
			d.applications.forgetAll()
		case storage.ProductsChanged:
			d.policy.forgetProducts()
		case storage.SessionEnded, storage.TokenRevoked, storage.KeysChanged:
		}
	}
	if len(groups) > 0 {
		d.policy.forget(groups...)
	}
	d.revoked.add(list, d.Now())
	d.views.changed(list)
}

// reset forgets what may have changed. What was revoked stays revoked.
func (d *Directory) reset() {
	d.users.forgetAll()
	d.applications.forgetAll()
	d.policy.forgetAll()
	d.views.reset()
}
