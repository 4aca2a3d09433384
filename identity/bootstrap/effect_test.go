package bootstrap_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
)

// effect is an effect in short.
type effect struct{ Groups, Deleted, Users, Applications []string }

// turned says in short what becomes of somebody.
func turned[T any](name func(*T) string, turns []bootstrap.Turn[T]) (all []string) {
	for _, turn := range turns {
		switch {
		case turn.Before == nil:
			all = append(all, "new "+name(turn.After))
		case turn.After == nil:
			all = append(all, "gone "+name(turn.Before))
		default:
			all = append(all, name(turn.After))
		}
	}
	return all
}

// Only what becomes otherwise for who may do what is in the effect of a file, and
// it needs neither passwords nor secrets that would do.
func TestEffectOf(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		w.apply(t, `{"products": [{"name": "shop"}], "groups": [
			{"id": "stay", "name": "Stay", "permissions": {"orders": ["get", "head"]}}, {"id": "change", "name": "Change"}, {"id": "go", "name": "Go"}],
			"applications": [{"clientId": "stays", "name": "shop"}, {"clientId": "goes", "name": "shop"}, {"clientId": "ends", "name": "shop"}],
			"users": [{"username": "ada", "email": "ada@example.com", "groups": ["stay"]}, {"username": "bob", "email": "bob@example.com"}]}`, bootstrap.Options{})
		tests := []struct {
			name, file string
			prune      bool
			want       effect
		}{
			{"nothing", `{"groups": [{"id": "stay", "name": "Other", "permissions": {"orders": ["head", "get"]}}],
				"applications": [{"clientId": "stays", "name": "shop", "description": "Other", "clientSecret": "` + another + `"}],
				"users": [{"username": "ADA", "email": "lovelace@example.com", "firstName": "Ada", "groups": ["stay"]}]}`, false, effect{}},
			{
				"something", `{"groups": [{"id": "change", "name": "Change", "permissions": {"orders": ["get"]}}, {"id": "come", "name": "Come"}],
				"applications": [{"clientId": "ends", "name": "shop", "disabled": true}, {"clientId": "comes", "name": "shop"}],
				"users": [{"username": "ada", "email": "ada@example.com", "disabled": true}, {"username": "bob", "email": "bob@example.com", "groups": ["come"]},
					{"username": "eve", "email": "eve@example.com", "password": "weak"}]}`, false,
				effect{Groups: []string{"change", "come"}, Users: []string{"ada", "bob", "new eve"}, Applications: []string{"ends", "new comes"}},
			},
			{
				"what is not named", `{"products": [{"name": "shop"}], "groups": [{"id": "stay", "name": "Stay", "permissions": {"orders": ["get", "head"]}}],
				"applications": [{"clientId": "stays", "name": "shop"}, {"clientId": "ends", "name": "shop"}],
				"users": [{"username": "bob", "email": "bob@example.com", "groups": ["change"]}]}`, true,
				effect{Deleted: []string{"go"}, Users: []string{"bob"}, Applications: []string{"gone goes"}},
			},
		}
		for _, tt := range tests {
			e, err := bootstrap.EffectOf(t.Context(), w.store, parse(t, tt.file), bootstrap.Options{Prune: tt.prune})
			check(t, err)
			got := effect{
				Deleted:      e.Deleted,
				Users:        turned(func(u *identity.User) string { return u.Username }, e.Users),
				Applications: turned(func(a *identity.Application) string { return a.ClientID }, e.Applications),
			}
			for _, g := range e.Groups {
				got.Groups = append(got.Groups, g.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
			if !e.Before.Knows("go") || e.Before.Knows("come") || !e.Before.KnowsProduct("shop") {
				t.Errorf("%s: the policy before is not that of the database", tt.name)
			}
		}
		var wrong bootstrap.Mistakes
		_, err := bootstrap.EffectOf(t.Context(), w.store, parse(t, `{"users": [{"username": "eve", "email": "eve@example.com", "groups": ["none"]}]}`), bootstrap.Options{})
		if !errors.As(err, &wrong) || len(wrong) != 1 {
			t.Errorf("EffectOf() with a group that is none: %v, want one mistake", err)
		}
	})
}
