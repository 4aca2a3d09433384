package permissions

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
)

// Source is where subjects are found, and what the groups permit. What it returns
// is shared and not changed here.
type Source interface {
	// Policy returns what the groups permit.
	Policy(ctx context.Context) (*identity.Policy, error)
	// User returns a user by id, or errors.UserNotFound.
	User(ctx context.Context, id string) (*identity.User, error)
	// UserByUsername returns a user by username, or errors.UserNotFound.
	UserByUsername(ctx context.Context, username string) (*identity.User, error)
	// Application returns an application by client id, or errors.ApplicationNotFound.
	Application(ctx context.Context, clientID string) (*identity.Application, error)
}

// Kind says what a subject is.
type Kind string

// The kinds of subjects.
const (
	User        Kind = "user"
	Application Kind = "application"
	Role        Kind = "role"
)

// Subject is somebody who may be permitted something.
type Subject struct {
	Kind     Kind
	ID       string   // user id, client id, or the role
	Name     string   // username or product; empty for a role
	Groups   []string // whose permissions it has
	Disabled bool     // it may do nothing
}

func ofUser(u *identity.User) Subject {
	return Subject{Kind: User, ID: u.ID, Name: u.Username, Groups: u.Groups, Disabled: u.Disabled}
}

func ofApplication(a *identity.Application) Subject {
	return Subject{
		Kind: Application, ID: a.ClientID, Name: a.Name, Groups: a.ActsIn(), Disabled: a.Disabled,
	}
}

// nameOf returns the name in a subject of the form "<owner>/<name>", whoever the
// owner is, or the whole of one without an owner. Empty: it names nobody. A kind
// that is not given follows from the name alone where that is
// identity.AdminRole: "admin/admin" is the role, as Access Managers write it, and
// any other form is the user who is called that.
func nameOf(kind Kind, sub string) (of Kind, name string) {
	owner, name, owned := strings.Cut(sub, "/")
	switch {
	case !owned:
		name = sub
	case owner == "" || strings.Contains(name, "/"):
		return kind, ""
	}
	if kind != "" || name != identity.AdminRole {
		return kind, name
	}
	if owner == identity.AdminRole && owned {
		return Role, name
	}
	return User, name
}

// Find returns whom a subject names: a user by id or username, a role, or an
// application by client id, with or without an owner in front. Where a name is
// several, it is the first of these: a user who is called like a role must not be
// taken for it. It returns errors.SubjectNotFound when there is nobody.
func Find(ctx context.Context, from Source, sub string) (Subject, error) {
	kind, name := nameOf("", sub)
	return find(ctx, from, kind, name)
}

// find is Find for a name, of one kind if there is one.
func find(ctx context.Context, from Source, kind Kind, name string) (Subject, error) {
	for _, one := range finders {
		if kind != "" && kind != one.kind {
			continue
		}
		subject, err := one.find(ctx, from, name)
		if err == nil || !nobody(err) {
			return subject, err
		}
	}
	return Subject{}, errors.SubjectNotFound
}

// finders look for subjects of each kind, in the order of Find.
var finders = []struct {
	kind Kind
	find func(ctx context.Context, from Source, name string) (Subject, error)
}{{User, findUser}, {Role, findRole}, {Application, findApplication}}

func nobody(err error) bool {
	return errors.Is(err, errors.UserNotFound) || errors.Is(err, errors.ApplicationNotFound) || errors.Is(err, errors.SubjectNotFound)
}

func findUser(ctx context.Context, from Source, name string) (Subject, error) {
	if id, ok := userID(name); ok {
		user, err := from.User(ctx, id)
		if err == nil {
			return ofUser(user), nil
		}
		if !errors.Is(err, errors.UserNotFound) {
			return Subject{}, err
		}
	}
	user, err := from.UserByUsername(ctx, name)
	if err != nil {
		return Subject{}, err
	}
	return ofUser(user), nil
}

// userID returns a name as the id of a user, if it can be one: other ways to
// write a UUID are no ids.
func userID(name string) (id string, ok bool) {
	const length = 36
	parsed, err := uuid.Parse(name)
	return parsed.String(), err == nil && len(name) == length
}

func findApplication(ctx context.Context, from Source, name string) (Subject, error) {
	app, err := from.Application(ctx, name)
	if err != nil {
		return Subject{}, err
	}
	return ofApplication(app), nil
}

func findRole(ctx context.Context, from Source, name string) (Subject, error) {
	group, ok := roleGroup(Role, name)
	if !ok {
		return Subject{}, errors.SubjectNotFound
	}
	policy, err := from.Policy(ctx)
	if err != nil {
		return Subject{}, err
	}
	if !policy.Knows(group) || !isThere(policy, group) {
		return Subject{}, errors.SubjectNotFound
	}
	return Subject{Kind: Role, ID: name, Groups: []string{group}}, nil
}

// roleGroup is identity.RoleGroup, and where a role is asked for by its kind, the
// group of identity.AdminRole.
func roleGroup(kind Kind, name string) (groupID string, ok bool) {
	if kind == Role && name == identity.AdminRole {
		return identity.AdminGroup, true
	}
	return identity.RoleGroup(name)
}

// isThere says whether there is a role: that of the administrators always is, and
// any other one is its product's.
func isThere(policy *identity.Policy, group string) bool {
	return group == identity.AdminGroup || policy.KnowsProduct(identity.NamedProduct(group))
}
