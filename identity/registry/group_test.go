package registry_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/storage"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := as(t.Context(), o.admin)
		group, err := o.CreateGroup(ctx, identity.Group{ID: "viewers", Name: "Viewers", Permissions: map[string][]string{"ledgers": {"get"}}})
		check(t, err)
		stored, err := o.store.Group(t.Context(), "viewers")
		check(t, err)
		if diff := cmp.Diff(group, stored); diff != "" {
			t.Errorf("returned and stored group differ (-returned +stored):\n%s", diff)
		}
		_, err = o.CreateGroup(ctx, identity.Group{ID: "viewers", Name: "Again"})
		refuses(t, err, errors.Conflict, "id")
		name := "Readers"
		changed, err := o.UpdateGroup(ctx, "viewers", registry.GroupChange{Name: &name}, registry.Versions{1, 7})
		if err != nil || changed.Version != 2 || changed.Name != name {
			t.Errorf("UpdateGroup() = %+v, %v", changed, err)
		}
		if err := o.DeleteGroup(ctx, "viewers", registry.Versions{1}); !errors.Is(err, errors.StaleVersion) {
			t.Errorf("error %v, want %v", err, errors.StaleVersion)
		}
		check(t, o.DeleteGroup(ctx, "viewers", registry.Versions{2}))
		want := []string{"group.create by user root", "group.update by user root", "group.delete by user root"}
		if diff := cmp.Diff(want, o.trail(t, "viewers")); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}
	})
}

func TestBuiltInGroup(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := as(t.Context(), o.admin)
		name, fewer, same := "The ones", map[string][]string{"*": {"get"}}, map[string][]string{"*": {"*"}}
		refuses(t, o.DeleteGroup(ctx, identity.AdminGroup, nil), errors.Protected, "id")
		_, err := o.UpdateGroup(ctx, identity.AdminGroup, registry.GroupChange{Permissions: &fewer}, nil)
		refuses(t, err, errors.FieldUnmodifiable, "permissions")
		_, err = o.UpdateGroup(ctx, identity.AdminGroup, registry.GroupChange{Name: &name, Permissions: &same}, nil)
		check(t, err)
	})
}

func TestMembers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := as(t.Context(), o.admin)
		o.group(t, "viewers", nil)
		ada := o.user(t, "ada")
		check(t, o.AddMember(ctx, "viewers", ada.ID))
		refuses(t, o.AddMember(ctx, "viewers", ada.ID), errors.Conflict, "userId")
		user, err := o.store.User(t.Context(), ada.ID)
		if err != nil || user.Version != 2 || !cmp.Equal(user.Groups, []string{"viewers"}) {
			t.Errorf("member %+v, %v", user, err)
		}
		check(t, o.RemoveMember(ctx, "viewers", ada.ID))
		if err := o.RemoveMember(ctx, "viewers", ada.ID); !errors.Is(err, errors.MembershipNotFound) {
			t.Errorf("error %v, want %v", err, errors.MembershipNotFound)
		}
	})
}

// Events are told once they are stored, and never of what was rolled back.
func TestEventsAreToldAfterTheCommit(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		told := len(o.emitted)
		failure := errors.New("on purpose")
		err := o.InTx(ctx, func(ctx context.Context) error {
			if _, err := o.CreateGroup(ctx, identity.Group{ID: "lost", Name: "Lost"}); err != nil {
				return err
			}
			return failure
		})
		if !errors.Is(err, failure) || len(o.emitted) != told || len(o.trail(t, "lost")) != 0 {
			t.Errorf("error %v, %d events told, trail %v", err, len(o.emitted)-told, o.trail(t, "lost"))
		}
		err = o.InTx(ctx, func(ctx context.Context) error {
			_, err := o.CreateGroup(ctx, identity.Group{ID: "one", Name: "One"})
			_, err2 := o.CreateGroup(ctx, identity.Group{ID: "two", Name: "Two"})
			if len(o.emitted) != told {
				t.Error("events were told before the commit")
			}
			return errors.Join(err, err2)
		})
		if err != nil || len(o.emitted) != told+2 {
			t.Errorf("error %v, %d events told, want 2", err, len(o.emitted)-told)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		err := o.Refused(as(t.Context(), o.admin), "user.delete", registry.Subject{Type: "user", ID: "x"}, errors.Protected.ID)
		check(t, err)
		events, err := o.store.AuditEvents(t.Context(), storage.AuditQuery{Subject: "x", Limit: 10})
		if err != nil || len(events) != 1 || events[0].Code != errors.Protected.ID || events[0].Address != "192.0.2.1" || events[0].RequestID != "r-1" {
			t.Errorf("events %+v, %v", events, err)
		}
	})
}
