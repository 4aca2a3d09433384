package throttle

import (
	"fmt"
	"strings"

	"gatehouse/server/explain"
	"gatehouse/storage"
)

// noteUser notes who wants to sign in. A name that nobody has is not kept: it may
// be a password in the wrong field.
func noteUser(t *explain.Trail, in storage.SignIn) {
	if in.User == nil {
		t.Fail(explain.UserKnown, "a name that nobody has", "")
		return
	}
	t.SetUser(in.User)
	t.Pass(explain.UserKnown)
	if in.User.Disabled {
		t.Fail(explain.UserEnabled, "disabled", "enabled")
		return
	}
	t.Pass(explain.UserEnabled)
}

// notePassword notes whether the password was the user's, and how many were not.
func (g *Guard) notePassword(t *explain.Trail, in storage.SignIn, c counts, ok bool) {
	switch {
	case in.User == nil:
	case ok:
		t.Pass(explain.Password)
	case g.config.Failures == 0:
		t.Fail(explain.Password, "another", "")
	default:
		now, narrowest := g.Now(), c.own[0]
		t.Fail(explain.Password, fmt.Sprintf("another, the wrong one no. %d", narrowest.recent(now, g.config.Window)+1),
			fmt.Sprintf("no. %d freezes %s for %s", narrowest.limit, c.what(), g.config.Freeze))
	}
}

// what is what the failures of the attempt freeze.
func (c counts) what() string {
	switch {
	case c.device != "":
		return "the known device"
	case c.session:
		return "the change of the password in the session"
	default:
		return "the account for the address"
	}
}

// describe says what is frozen, and until when.
func (c counts) describe() string {
	var frozen []string
	add := func(what string, f storage.Failures) {
		if !f.FrozenUntil.IsZero() {
			frozen = append(frozen, fmt.Sprintf("%s until %s, after %d", what, explain.At(f.FrozenUntil), f.Count))
		}
	}
	for _, own := range c.own {
		add(c.what(), own.failures)
	}
	add("the address", c.shared.failures)
	return strings.Join(frozen, "; ")
}
