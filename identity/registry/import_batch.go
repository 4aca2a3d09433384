package registry

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// importee is a user that a file speaks of, as it is or will be.
type importee struct {
	user     identity.User
	stored   bool   // in the database; otherwise it is created with the batch
	held     bool   // nobody else can change it until the transaction ends
	password string // the new one, where it is known
}

// roster is who has a name or an address.
type roster struct {
	byID, byUsername, byEmail map[string]*importee
	admins                    map[string]*importee // by id: enabled members of identity.AdminGroup
}

func newRoster() *roster {
	return &roster{
		byID: make(map[string]*importee), byUsername: make(map[string]*importee),
		byEmail: make(map[string]*importee), admins: make(map[string]*importee),
	}
}

// put makes the roster know a user as it now is.
func (r *roster) put(c *importee, is identity.User) {
	if r.byEmail[identity.EmailKey(c.user.Email)] == c {
		delete(r.byEmail, identity.EmailKey(c.user.Email))
	}
	c.user = is
	r.byID[is.ID], r.byUsername[identity.UsernameKey(is.Username)], r.byEmail[identity.EmailKey(is.Email)] = c, c, c
	delete(r.admins, is.ID)
	if isAdmin(is) {
		r.admins[is.ID] = c
	}
}

// importBatch is the import of some users in one transaction.
type importBatch struct {
	*Import
	*roster
	groups map[string]bool  // those there are of the ones concerned
	powers *identity.Policy // what these permit; nil: the actor needs no permission
	fresh  []*importee      // to be created
}

// load reads whom the users may be, and the groups concerned, once for all users.
func (b *importBatch) load(ctx context.Context, users []Imported) error {
	there, err := b.named(ctx, users)
	if err != nil {
		return err
	}
	for _, user := range there {
		if b.byID[user.ID] == nil {
			b.put(&importee{user: user, stored: true}, user)
		}
	}
	groups, err := b.concerned(ctx, users, there)
	if err != nil {
		return err
	}
	b.groups = make(map[string]bool, len(groups))
	for _, group := range groups {
		b.groups[group.ID] = true
	}
	if ActorOf(ctx).trusted() {
		return nil
	}
	policy, err := b.policy(ctx)
	if err != nil {
		return err
	}
	b.powers = policy.Of(groups)
	return nil
}

// concerned reads the groups that the users are in or are to be in, and the actor's.
// A dry run knows users of earlier batches, who may be in any.
func (b *importBatch) concerned(ctx context.Context, users []Imported, there []identity.User) ([]identity.Group, error) {
	if b.DryRun {
		return b.Store.AllGroups(ctx)
	}
	ids := slices.Concat(ActorOf(ctx).Groups, groupsOf(there))
	for _, user := range users {
		if user.Groups != nil {
			ids = append(ids, *user.Groups...)
		}
	}
	slices.Sort(ids)
	return b.Store.GroupsToUse(ctx, slices.Compact(ids))
}

func groupsOf(users []identity.User) []string {
	var ids []string
	for _, user := range users {
		ids = append(ids, user.Groups...)
	}
	return ids
}

// mayTouch is Registry.mayTouch by the groups that the batch has read.
func (b *importBatch) mayTouch(ctx context.Context, field string, groupIDs ...string) error {
	actor := ActorOf(ctx)
	if actor.trusted() {
		return nil
	}
	return actor.within(field, groupIDs, b.powers, b.powers)
}

// named reads who has a username or an address of the users.
func (i *Import) named(ctx context.Context, users []Imported) ([]identity.User, error) {
	var usernames, emails []string
	for _, user := range users {
		for _, name := range []string{user.Username, user.Fallback} {
			if name != "" {
				usernames = append(usernames, name)
			}
		}
		if user.Email != "" {
			emails = append(emails, user.Email)
		}
	}
	return i.Store.UsersNamed(ctx, usernames, emails)
}

// find returns whom a user in the file is, or nil. Where the key is not given
// the other name tells. A fallback tells nothing: nobody chose it.
func (b *importBatch) find(in Imported) *importee {
	byEmail := b.byEmail[identity.EmailKey(in.Email)]
	if in.Username == "" || b.ByEmail && in.Email != "" {
		return byEmail
	}
	return b.byUsername[identity.UsernameKey(in.Username)]
}

// user imports one user.
func (b *importBatch) user(ctx context.Context, in Imported, password password) (ImportOutcome, error) {
	if in.Password != "" && in.PasswordHash != "" {
		return 0, errors.IdentityMalformed.On(map[string]string{"passwordHash": "must not be given beside a password"})
	}
	if in.PasswordHash != "" {
		if err := identity.UsableHash(in.PasswordHash); err != nil {
			return 0, err
		}
	}
	if c := b.find(in); c != nil {
		return b.change(ctx, c, in, password)
	}
	return b.create(ctx, in, password)
}

// create decides on a user that is not there yet.
func (b *importBatch) create(ctx context.Context, in Imported, password password) (ImportOutcome, error) {
	now := b.now()
	user := identity.User{Username: in.Username, Email: in.Email, Version: 1, Credentials: 1, CreatedAt: in.CreatedAt.UTC(), UpdatedAt: now, ID: in.ID}
	if user.Username == "" {
		user.Username = in.Fallback
	}
	if in.CreatedAt.IsZero() {
		user.CreatedAt = now
	}
	if user.ID == "" {
		user.ID = storage.NewID(user.CreatedAt)
	}
	in.apply(&user)
	if in.ID != "" && !ActorOf(ctx).trusted() { // it may have been somebody's who is known by it elsewhere
		return 0, errors.IdentityAccessDenied.On(map[string]string{"id": "only a command can give a user an id"})
	}
	if err := b.check(user, nil); err != nil {
		return 0, err
	}
	if id, err := uuid.Parse(user.ID); err != nil || id.Version() != 7 || id.String() != user.ID {
		return 0, errors.IdentityMalformed.On(map[string]string{"id": "must be a UUID of version 7, in lower case"})
	}
	if user.CreatedAt.After(now) || user.CreatedAt.Unix() < 0 {
		return 0, errors.IdentityMalformed.On(map[string]string{"createdAt": "must be between 1970 and now"})
	}
	if err := b.mayTouch(ctx, "groups", user.Groups...); err != nil {
		return 0, err
	}
	if password.err != nil {
		return 0, password.err
	}
	user.PasswordHash = in.PasswordHash
	if in.Password != "" {
		user.PasswordHash = password.hash
	}
	c := &importee{password: in.Password}
	b.put(c, user)
	if !b.DryRun {
		b.fresh = append(b.fresh, c)
	}
	return ImportCreated, nil
}

// check holds a user to what can be stored. self is who it is already.
func (b *importBatch) check(user identity.User, self *importee) error {
	validate := user.Validate
	if self == nil {
		validate = user.ValidateNew
	}
	if err := validate(); err != nil {
		return err
	}
	for _, group := range user.Groups {
		if !b.groups[group] {
			return errors.GroupNotFound.On(map[string]string{"groups": "there is no group " + strconv.Quote(group)})
		}
	}
	const inUse = "is already in use"
	taken := make(map[string]string)
	if other := b.byUsername[identity.UsernameKey(user.Username)]; other != nil && other != self {
		taken["username"] = inUse
	}
	if other := b.byEmail[identity.EmailKey(user.Email)]; other != nil && other != self {
		taken["email"] = inUse
	}
	if other := b.byID[user.ID]; other != nil && other != self {
		taken["id"] = inUse
	}
	if len(taken) > 0 {
		return errors.Conflict.On(taken)
	}
	return nil
}

// apply makes a user what the file says of it, but for its password.
func (in Imported) apply(u *identity.User) {
	change := UserChange{FirstName: in.FirstName, LastName: in.LastName, Groups: in.Groups, Disabled: in.Disabled, Metadata: in.Metadata}
	if in.Email != "" {
		change.Email = &in.Email
	}
	change.apply(u)
	set(&u.EmailVerified, in.EmailVerified)
	u.Groups = slices.Compact(u.Groups)
}
