package registry_test

import (
	"context"
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/storage"
)

// Who may not set a password is not told whether they guessed it, nor is it
// looked at: as many could be tried as a file has lines.
func TestImportTellsNobodyAPassword(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "clerks", map[string][]string{"users": {"post", "patch"}})
		o.group(t, "desk", map[string][]string{"users": {"post", "patch"}, "reset-password": {"patch"}})
		clerk, desk, member := o.user(t, "clerk", "clerks"), o.user(t, "desk", "desk"), o.user(t, "member")
		verified := 0
		guess := func(as context.Context, dry bool, user identity.User, guess string) string {
			i := o.NewImport(registry.ImportOptions{DryRun: dry, Source: "file", Verify: func(ctx context.Context, hash, password string) (bool, bool, error) {
				verified++
				return verify(ctx, hash, password)
			}})
			return outcomes(t, as, i, registry.Imported{Username: user.Username, Password: guess})[0]
		}
		for _, dry := range []bool{true, false} {
			for _, of := range []string{password, password + "x"} {
				want(t, []string{
					guess(as(t.Context(), clerk), dry, o.admin, of), guess(as(t.Context(), clerk), dry, member, of),
					guess(as(t.Context(), clerk), dry, clerk, of), guess(as(t.Context(), desk), dry, o.admin, of),
				}, "IDE-2001 username", "IDE-2001 password", "IDE-2001 password", "IDE-2001 username")
			}
		}
		if verified != 0 {
			t.Errorf("%d passwords were compared", verified)
		}
		want(t, []string{guess(as(t.Context(), desk), false, member, password)}, "unchanged")
	})
}

// A group that a node has not heard of yet counts with what it permits.
func TestNewGroupsGiveNobodyMorePower(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "desk", map[string][]string{"users": {"get", "post", "patch"}, "groups": {"put"}, "applications": {"post"}})
		desk, member, machine := o.user(t, "desk", "desk"), o.user(t, "member"), o.application(t, "power")
		old, err := o.Policy(t.Context())
		check(t, err)
		o.Policy = func(context.Context) (*identity.Policy, error) { return old, nil }
		o.group(t, "mighty", map[string][]string{"*": {"*"}})

		ctx, mighty, none := as(t.Context(), desk), []string{"mighty"}, []string{"nobodies"}
		update := func(groups []string) error {
			_, err := o.UpdateUser(ctx, desk.ID, registry.UserChange{Groups: &groups}, nil)
			return err
		}
		create := func(name string, groups []string) error {
			_, err := o.CreateUser(ctx, registry.NewUser{Username: name, Email: name + "@x.example", Password: password, Groups: groups})
			return err
		}
		imported, err := o.importing(false).Users(ctx, []registry.Imported{{Username: "desk", Groups: &mighty}})
		check(t, err)
		for what, err := range map[string]error{
			"join": update(mighty), "create a member": create("evil", mighty), "add a member": o.AddMember(ctx, "mighty", member.ID),
			"import a member": imported[0].Err, "add an application": o.AddApplication(ctx, "mighty", machine.ID),
		} {
			if !errors.Is(err, errors.IdentityAccessDenied) {
				t.Errorf("%s: %v, want %v", what, err, errors.IdentityAccessDenied)
			}
		}
		for what, err := range map[string]error{"join none": update(none), "create in none": create("evil", none)} {
			if !errors.Is(err, errors.GroupNotFound) || errors.From(err).Fields["groups"] == "" {
				t.Errorf("%s: %v, want %v on groups", what, err, errors.GroupNotFound)
			}
		}
	})
}

// A node that has not heard yet that a product was deleted, and with it what a group's
// name meant, gives nobody that group's power.
func TestNamesOfDeletedProductsGiveNobodyMorePower(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "desk", map[string][]string{"users": {"get", "post", "patch"}, "groups": {"put", "post", "patch"}, "applications": {"post"}})
		desk, machine := o.user(t, "desk", "desk"), o.application(t, "power")
		o.application(t, "own")
		mighty := map[string][]string{"*": {"*"}}
		o.group(t, "plain", mighty, "own")
		before := []identity.Group{{ID: "shop-editor-group", Product: "shop"}, {ID: "shop-viewer-group", Product: "shop"}, {ID: "plain", Product: "own"}}
		groups, err := o.store.AllGroups(t.Context())
		check(t, err)
		old := identity.NewPolicy(append(groups, before...), []string{"shop", "own", "power"})
		o.Policy = func(context.Context) (*identity.Policy, error) { return old, nil }
		o.group(t, "shop-editor-group", mighty)

		ctx, editors, none := as(t.Context(), desk), []string{"shop-editor-group"}, ""
		_, create := o.CreateGroup(ctx, identity.Group{ID: "shop-viewer-group", Name: "S", Permissions: mighty})
		_, move := o.UpdateGroup(ctx, "plain", registry.GroupChange{Product: &none}, nil)
		_, join := o.UpdateUser(ctx, desk.ID, registry.UserChange{Groups: &editors}, nil)
		_, member := o.CreateUser(ctx, registry.NewUser{Username: "evil", Email: "evil@x.example", Password: password, Groups: editors})
		imported, err := o.importing(false).Users(ctx, []registry.Imported{
			{Username: "desk", Groups: &editors}, {Username: "evil", Email: "evil@x.example", Groups: &editors},
		})
		check(t, err)
		for what, err := range map[string]error{
			"create a group": create, "move a group": move, "join": join, "create a member": member, "add a member": o.AddMember(ctx, editors[0], desk.ID),
			"import a change": imported[0].Err, "import a member": imported[1].Err, "add an application": o.AddApplication(ctx, editors[0], machine.ID),
		} {
			if !errors.Is(err, errors.IdentityAccessDenied) {
				t.Errorf("%s: %v, want %v", what, err, errors.IdentityAccessDenied)
			}
		}
	})
}

// A user whose password is hashed meanwhile does not join a group that has another
// meaning by then.
func TestUsersJoinWhatIsThereAfterHashing(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "desk", map[string][]string{"users": {"post"}})
		o.group(t, "team", nil)
		ctx, hash := as(t.Context(), o.user(t, "desk", "desk")), o.Hash
		o.Hash = func(ctx context.Context, password string) (string, error) {
			check(t, o.DeleteGroup(trusted(t.Context()), "team", nil))
			o.group(t, "team", map[string][]string{"*": {"*"}})
			return hash(ctx, password)
		}
		_, err := o.CreateUser(ctx, registry.NewUser{Username: "evil", Email: "evil@x.example", Password: password, Groups: []string{"team"}})
		refuses(t, err, errors.IdentityAccessDenied, "groups")
	})
}

// An id may have been somebody's who is known by it elsewhere.
func TestOnlyCommandsGiveIDs(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		i := o.NewImport(registry.ImportOptions{Source: "file"})
		given := registry.Imported{Username: "given", Email: "given@example.com", ID: storage.NewID(start)}
		want(t, outcomes(t, as(t.Context(), o.admin), i, given), "IDE-2001 id")
		want(t, outcomes(t, trusted(t.Context()), i, given), "created")
		want(t, outcomes(t, as(t.Context(), o.admin), i, given), "unchanged")
	})
}
