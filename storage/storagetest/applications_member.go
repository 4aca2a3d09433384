package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// member creates an application that is a member of groups, and returns it.
func member(t *testing.T, s Store, groups ...string) identity.Application {
	t.Helper()
	app := newApplication()
	app.Groups = slices.Sorted(slices.Values(groups))
	noError(t, s.CreateApplication(t.Context(), app))
	return app
}

func applicationGroups(t *testing.T, s Store, app identity.Application) identity.Application {
	t.Helper()
	got, err := s.ApplicationByClientID(t.Context(), app.ClientID)
	noError(t, err)
	return got
}

func testApplicationMember(t *testing.T, s Store) {
	first, second := newGroup(t, s), newGroup(t, s)
	app := member(t, s, second)
	same(t, "Application() with a group", applicationGroups(t, s, app), app)
	later := kept(now.Add(time.Hour))
	noError(t, s.AddApplicationMember(t.Context(), first, app.ID, later))
	wantAnnounced(t, s, storage.ApplicationChanged, app.ClientID, 1)
	app.Groups, app.Version, app.UpdatedAt = slices.Sorted(slices.Values([]string{first, second})), 2, later
	same(t, "Application() with another", applicationGroups(t, s, app), app)
	wantConflict(t, s.AddApplicationMember(t.Context(), first, app.ID, later), "applicationId")
	listed, _, err := s.Applications(t.Context(), identity.Page{Number: 1, Limit: 10000})
	noError(t, err)
	if i := slices.IndexFunc(listed, func(a identity.Application) bool { return a.ID == app.ID }); i < 0 {
		t.Error("Applications() has it not")
	} else {
		same(t, "entry of Applications()", listed[i], app)
	}

	app.Description = "changed"
	noError(t, s.UpdateApplication(t.Context(), app))
	same(t, "Application() after a change", applicationGroups(t, s, app), app)
	noError(t, s.RemoveApplicationMember(t.Context(), second, app.ID, later))
	wantAnnounced(t, s, storage.ApplicationChanged, app.ClientID, 3)
	app.Groups, app.Version = []string{first}, 3
	same(t, "Application() that has left", applicationGroups(t, s, app), app)
	noError(t, s.DeleteGroup(t.Context(), first, now))
	if got := applicationGroups(t, s, app).Groups; len(got) != 0 {
		t.Errorf("Groups = %v after the group was deleted", got)
	}
}

func testApplicationMemberUnknown(t *testing.T, s Store) {
	group, app := newGroup(t, s), member(t, s)
	names := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		names[name] = text
	}
	for what, name := range names {
		for method, err := range map[string]struct{ got, want error }{
			"AddApplicationMember(group)":          {s.AddApplicationMember(t.Context(), name, app.ID, now), errors.GroupNotFound},
			"AddApplicationMember(application)":    {s.AddApplicationMember(t.Context(), group, name, now), errors.ApplicationNotFound},
			"RemoveApplicationMember(group)":       {s.RemoveApplicationMember(t.Context(), name, app.ID, now), errors.MembershipNotFound},
			"RemoveApplicationMember(application)": {s.RemoveApplicationMember(t.Context(), group, name, now), errors.MembershipNotFound},
		} {
			if !errors.Is(err.got, err.want) {
				t.Errorf("%s of %s = %v, want %v", method, what, err.got, err.want)
			}
		}
	}
	same(t, "Application()", applicationGroups(t, s, app), app)
	lost := newApplication()
	lost.Groups = []string{newID()}
	if err := s.CreateApplication(t.Context(), lost); !errors.Is(err, errors.GroupNotFound) {
		t.Errorf("CreateApplication() in no group = %v, want %v", err, errors.GroupNotFound)
	}
	if _, err := s.Application(t.Context(), lost.ID); !errors.Is(err, errors.ApplicationNotFound) {
		t.Errorf("Application() that was not created = %v", err)
	}
}

func testMembersApplications(t *testing.T, s Store) {
	group, empty := newGroup(t, s), newGroup(t, s)
	first, second, third := member(t, s, group), member(t, s, group), member(t, s, group)
	user := newUser()
	user.Groups = []string{group}
	noError(t, s.CreateUser(t.Context(), user))
	got, err := s.Members(t.Context(), []string{group, empty}, 2)
	noError(t, err)
	same(t, "Members()", got, map[string]identity.Members{
		group: {Usernames: []string{user.Username}, Count: 1, Applications: []string{first.ClientID, second.ClientID}},
	})
	noError(t, s.DeleteApplication(t.Context(), third.ID, now))
	noError(t, s.DeleteApplication(t.Context(), first.ID, now))
	noError(t, s.RemoveMember(t.Context(), group, user.ID, now))
	got, err = s.Members(t.Context(), []string{group}, 2)
	noError(t, err)
	same(t, "Members() later", got, map[string]identity.Members{group: {Applications: []string{second.ClientID}}})
}

// Whoever uses products sees none come or go until they are done.
func testProductsHeld(t *testing.T, s Store) {
	product := newProduct()
	noError(t, s.CreateProduct(t.Context(), product))
	if _, err := s.ProductsToUse(t.Context()); err == nil {
		t.Error("ProductsToUse() outside of a transaction = nil")
	}
	deleted := make(chan error, 1)
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		there, err := s.ProductsToUse(ctx)
		noError(t, err)
		if !slices.Contains(there, product) {
			t.Errorf("ProductsToUse() = %v, want %v among them", there, product)
		}
		go func() {
			deleted <- s.InTx(t.Context(), func(ctx context.Context) error {
				if _, err := s.ProductsToChange(ctx); err != nil {
					return err
				}
				return s.DeleteProduct(ctx, product.Name, now)
			})
		}()
		select {
		case err := <-deleted:
			t.Errorf("it was deleted meanwhile: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
		_, err = s.Product(ctx, product.Name)
		return err
	}))
	noError(t, <-deleted)
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		there, err := s.ProductsToChange(ctx)
		if slices.Contains(there, product) {
			t.Errorf("ProductsToChange() = %v, want it without %v", there, product)
		}
		return err
	}))
}
