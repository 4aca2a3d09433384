package registry

import (
	"context"
	"reflect"

	"gatehouse/errors"
	"gatehouse/identity"
)

// GroupChange is what to change of a group; nil fields stay as they are.
type GroupChange struct {
	Name        *string
	Product     *string // see place
	Permissions *map[string][]string
	Metadata    *map[string]any
}

func subjectOfGroup(g identity.Group) Subject { return Subject{"group", g.ID, g.Name} }

func groupFacts(g identity.Group) facts {
	return facts{"id": g.ID, "name": g.Name, "product": g.Product, "permissions": g.Permissions, "metadata": g.Metadata}
}

// CreateGroup creates a group: its ID, Name, Product, Permissions and Metadata count.
func (r *Registry) CreateGroup(ctx context.Context, in identity.Group) (group identity.Group, err error) {
	group = in
	group.BuiltIn, group.Version = false, 1
	if err := group.ValidateNew(); err != nil {
		return group, err
	}
	var said *string
	if in.Product != "" {
		said = &in.Product
	}
	group.CreatedAt = r.now()
	group.UpdatedAt = group.CreatedAt
	err = r.InTx(ctx, func(ctx context.Context) error {
		if err := r.place(ctx, &group, said); err != nil {
			return err
		}
		if err := r.mayGive(ctx, group); err != nil {
			return err
		}
		if err := r.Store.CreateGroup(ctx, group); err != nil {
			return err
		}
		return r.record(ctx, "group.create", subjectOfGroup(group), nil, groupFacts(group))
	})
	return group, err
}

// UpdateGroup changes a group. The permissions of a built-in one stay. To move it
// to another product, or to none, takes what it then gives its members.
func (r *Registry) UpdateGroup(ctx context.Context, id string, change GroupChange, versions Versions) (group identity.Group, err error) {
	err = r.InTx(ctx, func(ctx context.Context) error {
		before, err := r.groupToChange(ctx, id, versions)
		if err != nil {
			return err
		}
		group = before
		set(&group.Name, change.Name)
		set(&group.Permissions, change.Permissions)
		set(&group.Metadata, change.Metadata)
		if err := r.place(ctx, &group, change.Product); err != nil {
			return err
		}
		if err := r.hasNoApplications(ctx, group); err != nil {
			return err
		}
		if group.BuiltIn && !reflect.DeepEqual(group.Permissions, before.Permissions) {
			return errors.FieldUnmodifiable.On(map[string]string{"permissions": "belong to a built-in group"})
		}
		if err := group.Validate(); err != nil {
			return err
		}
		if err := r.mayGive(ctx, group); err != nil {
			return err
		}
		group.Version, group.UpdatedAt = before.Version+1, r.now()
		if err := r.Store.UpdateGroup(ctx, group); err != nil {
			return err
		}
		return r.record(ctx, "group.update", subjectOfGroup(group), groupFacts(before), groupFacts(group))
	})
	return group, err
}

// DeleteGroup removes a group; its members lose what it gave them.
func (r *Registry) DeleteGroup(ctx context.Context, id string, versions Versions) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		group, err := r.groupToChange(ctx, id, versions)
		if err != nil {
			return err
		}
		if group.BuiltIn {
			return errors.Protected.On(map[string]string{"id": "is a built-in group"})
		}
		if err := r.Store.DeleteGroup(ctx, id, r.now()); err != nil {
			return err
		}
		return r.record(ctx, "group.delete", subjectOfGroup(group), groupFacts(group), nil)
	})
}

// AddMember puts a user into a group.
func (r *Registry) AddMember(ctx context.Context, groupID, userID string) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		group, user, err := r.member(ctx, groupID, userID)
		if err != nil {
			return err
		}
		if err := r.Store.AddMember(ctx, groupID, userID, r.now()); err != nil {
			return err
		}
		return r.record(ctx, "group.add-member", subjectOfGroup(group), nil, memberFacts(user))
	})
}

// RemoveMember takes a user out of a group, but not the last administrator out
// of identity.AdminGroup.
func (r *Registry) RemoveMember(ctx context.Context, groupID, userID string) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		group, user, err := r.member(ctx, groupID, userID)
		if err != nil {
			return err
		}
		if groupID == identity.AdminGroup {
			if err := r.keepsAnAdmin(ctx, "userId", user, identity.User{}); err != nil {
				return err
			}
		}
		if err := r.Store.RemoveMember(ctx, groupID, userID, r.now()); err != nil {
			return err
		}
		return r.record(ctx, "group.remove-member", subjectOfGroup(group), memberFacts(user), nil)
	})
}

// member reads a group and a user that is to join it or leave it.
func (r *Registry) member(ctx context.Context, groupID, userID string) (group identity.Group, user identity.User, err error) {
	if group, err = r.Store.Group(ctx, groupID); err != nil {
		return group, user, err
	}
	if err := r.mayJoin(ctx, "id", groupID); err != nil {
		return group, user, err
	}
	user, err = r.userToChange(ctx, userID, nil)
	return group, user, err
}

func (r *Registry) groupToChange(ctx context.Context, id string, versions Versions) (identity.Group, error) {
	group, err := r.Store.GroupToChange(ctx, id)
	if err != nil {
		return group, err
	}
	if err := versions.check(group.Version); err != nil {
		return group, err
	}
	return group, r.mayTouch(ctx, "id", id)
}
