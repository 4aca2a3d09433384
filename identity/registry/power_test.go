package registry_test

import (
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// Nobody gets more power over the identity API through it than they have.
func TestNobodyGetsMorePower(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		own := map[string][]string{
			"users": {"get", "post", "patch", "delete"}, "groups": {"get", "post", "patch", "put", "delete"},
			"applications": {"get", "post", "patch", "delete"}, "reset-password": {"patch"}, "sessions": {"get", "delete"},
		}
		o.group(t, "desk", own)
		o.group(t, "auditors", map[string][]string{"audit-events": {"get"}})
		o.group(t, "viewers", map[string][]string{"ledgers": {"*"}})
		o.group(t, "machines", map[string][]string{"*": {"*"}})
		powerful, plain := o.application(t, "power"), o.application(t, "plain")
		o.group(t, "power-editor-group", map[string][]string{"*": {"*"}})
		o.group(t, "power-words", map[string][]string{"*": {"*"}}, "power")
		check(t, o.AddApplication(trusted(t.Context()), "machines", powerful.ID))
		desk, member := o.user(t, "desk", "desk"), o.user(t, "member", "viewers")
		auditor, colleague := o.user(t, "auditor", "auditors"), o.user(t, "colleague", "desk")
		ctx := as(t.Context(), desk)

		name, toAdmins, toAuditors, toViewers := "x", []string{identity.AdminGroup}, []string{"auditors", "viewers"}, []string{"viewers"}
		everything, some := map[string][]string{"*": {"get"}}, map[string][]string{"ledgers": {"*"}, "users": {"get"}}
		newApplication := func(product string) error {
			_, _, err := o.CreateApplication(ctx, registry.NewApplication{Application: identity.Application{Name: product, Description: "x"}})
			return err
		}
		updateUser := func(id string, c registry.UserChange) error { _, err := o.UpdateUser(ctx, id, c, nil); return err }
		updateGroup := func(id string, c registry.GroupChange) error { _, err := o.UpdateGroup(ctx, id, c, nil); return err }
		createUser := func(name string, groups []string) error {
			_, err := o.CreateUser(ctx, registry.NewUser{Username: name, Email: name + "@x.example", Password: password, Groups: groups})
			return err
		}
		rotate := func(id string) error { _, _, err := o.RotateSecret(ctx, id, "", 0, nil); return err }

		for what, err := range map[string]error{
			"create an administrator":           createUser("evil", toAdmins),
			"create an auditor":                 createUser("evil", toAuditors),
			"become an administrator":           updateUser(desk.ID, registry.UserChange{Groups: &toAdmins}),
			"make a member an auditor":          updateUser(member.ID, registry.UserChange{Groups: &toAuditors}),
			"join the auditors":                 o.AddMember(ctx, "auditors", desk.ID),
			"change an administrator":           updateUser(o.admin.ID, registry.UserChange{FirstName: &name}),
			"reset an administrator's password": o.ResetPassword(ctx, o.admin.ID, password, "", nil),
			"end an administrator's sessions":   o.EndSessions(ctx, o.admin.ID),
			"delete an administrator":           o.DeleteUser(ctx, o.admin.ID, nil),
			"change an auditor":                 updateUser(auditor.ID, registry.UserChange{FirstName: &name}),
			"give its own group everything":     updateGroup("desk", registry.GroupChange{Permissions: &everything}),
			"rename the auditors":               updateGroup("auditors", registry.GroupChange{Name: &name}),
			"remove an auditor":                 o.RemoveMember(ctx, "auditors", auditor.ID),
			"delete the auditors":               o.DeleteGroup(ctx, "auditors", nil),
			"create a mighty group": func() error {
				_, err := o.CreateGroup(ctx, identity.Group{ID: "evil", Name: "x", Permissions: everything})
				return err
			}(),
			"get the secret of an application with power": rotate(powerful.ID),
			"delete one":                            o.DeleteApplication(ctx, powerful.ID, nil),
			"make an application an administrator":  o.AddApplication(ctx, identity.AdminGroup, plain.ID),
			"make one a member of another group":    o.AddApplication(ctx, "machines", plain.ID),
			"take an application out of a group":    o.RemoveApplication(ctx, "machines", powerful.ID),
			"take a group out of its product":       updateGroup("power-words", registry.GroupChange{Product: new(string)}),
			"take it out with permissions for less": updateGroup("power-words", registry.GroupChange{Product: new(string), Permissions: &map[string][]string{"audit-events": {"get"}}}),
		} {
			if !errors.Is(err, errors.IdentityAccessDenied) {
				t.Errorf("%s: %v, want %v", what, err, errors.IdentityAccessDenied)
			}
		}
		for what, err := range map[string]error{
			"create a member":                     createUser("fine", toViewers),
			"change a member":                     updateUser(member.ID, registry.UserChange{FirstName: &name}),
			"change oneself":                      updateUser(desk.ID, registry.UserChange{FirstName: &name}),
			"change a colleague":                  updateUser(colleague.ID, registry.UserChange{FirstName: &name}),
			"reset a member's password":           o.ResetPassword(ctx, member.ID, password+"x", "", nil),
			"give a group what the caller has":    updateGroup("viewers", registry.GroupChange{Permissions: &some}),
			"create an application":               newApplication("power"),
			"get the secret of one without power": rotate(plain.ID),
			"use a word of the identity API":      updateGroup("power-editor-group", registry.GroupChange{Permissions: &everything}),
			"add an application to a group":       o.AddApplication(ctx, "desk", plain.ID),
			"take a group out with what it has":   updateGroup("power-words", registry.GroupChange{Product: new(string), Permissions: &some}),
		} {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
