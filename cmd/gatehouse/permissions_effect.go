package main

import (
	"cmp"
	"context"
	"slices"

	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
)

// simulateEffect says what a file would flip. Those who come, who are new or no
// longer disabled, gain what they may do then; those who go lose what they may do
// now. All others are simulated where they are.
func simulateEffect(ctx context.Context, a administration, e *bootstrap.Effect) (wire.Simulation, error) {
	p := permissions.Proposal{Groups: e.Groups, Deleted: e.Deleted}
	after := e.Before.With(e.Groups...).Without(e.Deleted...)
	var come []identity.User
	for _, u := range e.Users {
		switch is := !u.After.Disabled; {
		case u.Before != nil && !u.Before.Disabled:
			p.Users = append(p.Users, membership(u, is))
		case is:
			come = append(come, *u.After)
		}
	}
	out := wire.Simulation{Flips: []wire.Flip{}}
	if len(p.Groups)+len(p.Deleted)+len(p.Users) > 0 {
		var err error
		if out, err = a.simulate(ctx, e.Before, p); err != nil {
			return out, err
		}
	}
	f := flips{&out}
	for _, u := range come {
		f.user(after.Permissions(u.Groups, ""), u.Username)
	}
	for _, app := range e.Applications {
		f.application(e.Before, after, app)
	}
	return out, nil
}

// membership is a user, and the groups that they would be in: none, if they would
// be disabled, for that is as good.
func membership(u bootstrap.Turn[identity.User], enabled bool) permissions.Membership {
	m := permissions.Membership{User: permissions.Subject{
		Kind: permissions.User, ID: u.Before.ID, Name: u.Before.Username, Groups: u.Before.Groups,
	}}
	if enabled {
		m.Groups = u.After.Groups
	}
	return m
}

// flips are a simulation that more flips are noted in.
type flips struct{ *wire.Simulation }

// user notes what a user gains.
func (f flips) user(gained map[string][]string, username string) {
	f.note(gained, true, func(flip *wire.Flip) {
		flip.UserCount++
		flip.Users = append(flip.Users, username)
		slices.Sort(flip.Users)
		flip.Users = flip.Users[:min(len(flip.Users), wire.MostUsernames)]
	})
}

// application notes what an application gains and loses that comes, goes, or is in
// other groups then. What else was said of it is of no account.
func (f flips) application(before, after *identity.Policy, app bootstrap.Turn[identity.Application]) {
	was, is := actsIn(app.Before), actsIn(app.After)
	f.forget(cmp.Or(app.Before, app.After).ClientID)
	f.differ(app, after.Permissions(is, ""), true, func(q identity.Question) bool { return !before.Decide(was, q).Allowed })
	f.differ(app, before.Permissions(was, ""), false, func(q identity.Question) bool { return !after.Decide(is, q).Allowed })
}

// actsIn are the groups that an application acts in: none, if it is not there.
func actsIn(app *identity.Application) []string {
	if app == nil || app.Disabled {
		return nil
	}
	return app.ActsIn()
}

// differ notes those permissions of an application that are answered otherwise.
func (f flips) differ(app bootstrap.Turn[identity.Application], permitted map[string][]string, allowed bool, otherwise func(identity.Question) bool) {
	flipped := make(map[string][]string)
	for resource, actions := range permitted {
		for _, action := range actions {
			if otherwise(identity.Question{Resource: resource, Action: action}) {
				flipped[resource] = append(flipped[resource], action)
			}
		}
	}
	clientID := cmp.Or(app.Before, app.After).ClientID
	f.note(flipped, allowed, func(flip *wire.Flip) {
		flip.Applications = append(flip.Applications, clientID)
		slices.Sort(flip.Applications)
	})
}

// note notes in each flip what is said of it.
func (f flips) note(permitted map[string][]string, allowed bool, say func(flip *wire.Flip)) {
	for resource, actions := range permitted {
		for _, action := range actions {
			flip := wire.Flip{Resource: resource, Action: action, Allowed: allowed, Users: []string{}, Roles: []string{}, Applications: []string{}}
			at, there := slices.BinarySearchFunc(f.Flips, flip, byQuestion)
			if !there {
				f.Flips = slices.Insert(f.Flips, at, flip)
			}
			say(&f.Flips[at])
		}
	}
}

// forget takes an application out of the flips.
func (f flips) forget(clientID string) {
	f.Flips = slices.DeleteFunc(f.Flips, func(flip wire.Flip) bool {
		return flip.UserCount == 0 && len(flip.Roles) == 0 && slices.Equal(flip.Applications, []string{clientID})
	})
	for i := range f.Flips {
		f.Flips[i].Applications = slices.DeleteFunc(f.Flips[i].Applications, func(id string) bool { return id == clientID })
	}
}

// byQuestion is the order of flips: by what is asked, what is lost before what is
// gained.
func byQuestion(a, b wire.Flip) int {
	lost := func(f wire.Flip) int {
		if f.Allowed {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Action, b.Action), cmp.Compare(lost(a), lost(b)))
}
