package main

import (
	"context"
	"encoding/json"
	"strconv"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
	"gatehouse/server/audit"
	refused "gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// local is the administration of a database, which a running server follows
// within a second.
type local struct{ *database }

func (l local) users() collection[wire.User]               { return localUsers{l} }
func (l local) groups() collection[wire.Group]             { return localGroups{l} }
func (l local) applications() collection[wire.Application] { return localApplications{l} }
func (l local) products() collection[wire.Product]         { return localProducts{l} }

// change does what changes something.
func (l local) change(do func(r *registry.Registry) error) error {
	r, closeLog, err := l.registry()
	if err != nil {
		return err
	}
	defer closeLog()
	return do(r)
}

func (l local) resetPassword(ctx context.Context, userID, password string) error {
	return l.change(func(r *registry.Registry) error { return r.ResetPassword(ctx, userID, password, "", nil) })
}

func (l local) unlock(ctx context.Context, userID string) error {
	return l.change(func(r *registry.Registry) error { return r.UnlockUser(ctx, userID) })
}

func (l local) sessions(ctx context.Context, userID string) ([]wire.Session, error) {
	if _, err := l.store.User(ctx, userID); err != nil {
		return nil, err
	}
	r, closeLog, err := l.registry()
	if err != nil {
		return nil, err
	}
	defer closeLog()
	live, err := r.Sessions(ctx, userID)
	return mapped(live, wire.FromSession), err
}

func (l local) endSession(ctx context.Context, userID, sessionID string) error {
	return l.change(func(r *registry.Registry) error { return r.EndSession(ctx, userID, sessionID) })
}

func (l local) endSessions(ctx context.Context, userID string) error {
	return l.change(func(r *registry.Registry) error { return r.EndSessions(ctx, userID) })
}

func (l local) addMember(ctx context.Context, groupID, userID string) error {
	return l.change(func(r *registry.Registry) error { return r.AddMember(ctx, groupID, userID) })
}

func (l local) removeMember(ctx context.Context, groupID, userID string) error {
	return l.change(func(r *registry.Registry) error { return r.RemoveMember(ctx, groupID, userID) })
}

func (l local) addApplication(ctx context.Context, groupID, applicationID string) error {
	return l.change(func(r *registry.Registry) error { return r.AddApplication(ctx, groupID, applicationID) })
}

func (l local) removeApplication(ctx context.Context, groupID, applicationID string) error {
	return l.change(func(r *registry.Registry) error { return r.RemoveApplication(ctx, groupID, applicationID) })
}

func (l local) refusals(ctx context.Context, requestID string) ([]refused.Explanation, error) {
	return refused.Read(ctx, l.store, requestID)
}

func (l local) auditEvents(ctx context.Context, q storage.AuditQuery) (audit.Page, error) {
	return audit.Read(ctx, l.store, q)
}

// changed makes a change that returns what came of it.
func changed[D, T any](l local, form func(D) versioned[T], change func(r *registry.Registry) (D, error)) (v versioned[T], err error) {
	err = l.change(func(r *registry.Registry) error {
		d, err := change(r)
		v = form(d)
		return err
	})
	return v, err
}

// received is a body as the API would have received it.
func received(body map[string]any) (map[string]any, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return web.ParseObject(text, web.IdentityCodes())
}

// nobody is the error that there is no such user, group, application or product.
func nobody(noun, name string) error {
	return errors.New("there is no " + noun + " " + strconv.Quote(name))
}

// mapped is what f makes of each of a list.
func mapped[D, T any](list []D, f func(D) T) []T {
	out := make([]T, len(list))
	for i, d := range list {
		out[i] = f(d)
	}
	return out
}

// whole is a list that is not cut into pages.
func whole[T any](items []T) listing[T] {
	return listing[T]{items, 1, len(items), len(items)}
}

// pageOf is one page of a list.
func pageOf[T any](items []T, page identity.Page, total int) listing[T] {
	return listing[T]{items, page.Number, page.Limit, total}
}
