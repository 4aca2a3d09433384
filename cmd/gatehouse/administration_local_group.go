package main

import (
	"context"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

// localGroups are the groups in a database.
type localGroups struct{ local }

func (l localGroups) list(ctx context.Context, query identity.UserQuery) (listing[wire.Group], error) {
	groups, total, err := l.store.Groups(ctx, query.Page)
	if err != nil {
		return listing[wire.Group]{}, err
	}
	ids := mapped(groups, func(g identity.Group) string { return g.ID })
	members, err := l.store.Members(ctx, ids, wire.MostUsernames)
	return pageOf(mapped(groups, func(g identity.Group) wire.Group { return wire.FromGroup(g, members[g.ID]) }), query.Page, total), err
}

func (l localGroups) find(_ context.Context, name string) (string, error) { return groupID(name) }

// groupID is the id of the group that goes by it, if it can be one.
func groupID(name string) (string, error) {
	if (identity.Group{ID: name, Name: name}).Validate() != nil {
		return "", nobody("group", name)
	}
	return name, nil
}

func (l localGroups) read(ctx context.Context, id string) (versioned[wire.Group], error) {
	group, err := l.store.Group(ctx, id)
	if err != nil {
		return versioned[wire.Group]{}, err
	}
	return l.form(ctx, group)
}

// form is a group with its members.
func (l localGroups) form(ctx context.Context, group identity.Group) (versioned[wire.Group], error) {
	members, err := l.store.Members(ctx, []string{group.ID}, wire.MostUsernames)
	return versioned[wire.Group]{wire.FromGroup(group, members[group.ID]), group.Version}, err
}

func (l localGroups) create(ctx context.Context, body map[string]any) (versioned[wire.Group], error) {
	return l.changed(ctx, func(r *registry.Registry) (group identity.Group, err error) {
		if body, err = received(body); err != nil {
			return group, err
		}
		if group, err = wire.ParseNewGroup(body); err != nil {
			return group, err
		}
		return r.CreateGroup(ctx, group)
	})
}

func (l localGroups) update(ctx context.Context, id string, body map[string]any, versions registry.Versions) (versioned[wire.Group], error) {
	return l.changed(ctx, func(r *registry.Registry) (group identity.Group, err error) {
		if body, err = received(body); err != nil {
			return group, err
		}
		change, err := wire.ParseGroupChange(body)
		if err != nil {
			return group, err
		}
		return r.UpdateGroup(ctx, id, change, versions)
	})
}

func (l localGroups) changed(ctx context.Context, change func(r *registry.Registry) (identity.Group, error)) (v versioned[wire.Group], err error) {
	err = l.change(func(r *registry.Registry) error {
		group, err := change(r)
		if err != nil {
			return err
		}
		v, err = l.form(ctx, group)
		return err
	})
	return v, err
}

func (l localGroups) remove(ctx context.Context, id string, versions registry.Versions) error {
	return l.change(func(r *registry.Registry) error { return r.DeleteGroup(ctx, id, versions) })
}
