package directory

import (
	"context"
	"sync"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// View is users, applications and the policy as they stand together at one
// moment; see Directory.Together.
type View struct {
	directory *Directory

	mu     sync.Mutex
	seen   map[thing]struct{}
	absent []string // usernames that nobody had
	stale  bool     // some of it changed since
}

// thing is what was looked at, by the change that would tell of it: every group is
// one thing, the policy.
type thing struct {
	kind storage.ChangeKind
	key  string
}

var thePolicy = thing{kind: storage.GroupChanged}

// mostViews is how often a view is tried before whoever asks is told to come back.
const mostViews = 10

// Together has look read through a view, and does so again if anything that it
// has read changed meanwhile. Only what look has found at last may be used: it
// held together at one moment between call and return. It returns what look
// returns, and errors.Unavailable when there was no end to changes.
func (d *Directory) Together(ctx context.Context, look func(v *View) error) error {
	for range mostViews {
		v := &View{directory: d, seen: make(map[thing]struct{})}
		d.views.add(v)
		err := look(v)
		if err == nil {
			err = v.lookAgain(ctx)
		}
		if err == nil {
			// What was read may be newer than what others of it were remembered by:
			// whatever was committed until now has to be known before it is believed.
			err = d.Feed.Sync(ctx)
		}
		d.views.remove(v)
		if err != nil || !v.changed() {
			return err
		}
	}
	return errors.Unavailable.After(time.Second).Because(errRestless)
}

var errRestless = errors.New("what is asked for changes faster than it can be read")

// User is Directory.User.
func (v *View) User(ctx context.Context, id string) (*identity.User, error) {
	v.look(thing{storage.UserChanged, id})
	return v.directory.User(ctx, id)
}

// UserByUsername is Directory.UserByUsername.
func (v *View) UserByUsername(ctx context.Context, username string) (*identity.User, error) {
	user, err := v.directory.userNamed(ctx, username, v.User)
	if errors.Is(err, errors.UserNotFound) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.absent = append(v.absent, username)
	}
	return user, err
}

// lookAgain notes whether somebody has a username by now that nobody had: that
// users are created is announced to nobody.
func (v *View) lookAgain(ctx context.Context) error {
	v.mu.Lock()
	absent := v.absent
	v.mu.Unlock()
	if len(absent) == 0 {
		return nil
	}
	users, err := v.directory.Identity.UsersNamed(ctx, absent, nil)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stale = v.stale || len(users) > 0
	return nil
}

// Application is Directory.Application.
func (v *View) Application(ctx context.Context, clientID string) (*identity.Application, error) {
	v.look(thing{storage.ApplicationChanged, clientID})
	return v.directory.Application(ctx, clientID)
}

// Policy is Directory.Policy.
func (v *View) Policy(ctx context.Context) (*identity.Policy, error) {
	v.look(thePolicy)
	return v.directory.Policy(ctx)
}

// look notes what is about to be read, before it is.
func (v *View) look(at thing) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen[at] = struct{}{}
}

func (v *View) changed() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.stale
}

// compare notes whether one of the changes is of what was looked at.
func (v *View) compare(list []storage.Change) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range list {
		changed := thing{c.Kind, c.Key}
		switch c.Kind {
		case storage.GroupChanged, storage.ProductsChanged:
			changed = thePolicy
		case storage.GroupDeleted: // and its members have changed
			v.stale = true
		case storage.UserChanged, storage.ApplicationChanged, storage.SessionEnded, storage.TokenRevoked, storage.KeysChanged:
		}
		if _, looked := v.seen[changed]; looked {
			v.stale = true
		}
	}
}

// views are those that are being read.
type views struct {
	mu   sync.Mutex
	open map[*View]struct{}
}

func (all *views) add(v *View) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.open == nil {
		all.open = make(map[*View]struct{})
	}
	all.open[v] = struct{}{}
}

func (all *views) remove(v *View) {
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.open, v)
}

// changed compares what changed with what is being read. It comes after caches
// have forgotten it: a view that looks at something later reads it anew.
func (all *views) changed(list []storage.Change) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for v := range all.open {
		v.compare(list)
	}
}

// reset has everything that is being read be read again.
func (all *views) reset() {
	all.mu.Lock()
	defer all.mu.Unlock()
	for v := range all.open {
		v.mu.Lock()
		v.stale = true
		v.mu.Unlock()
	}
}
