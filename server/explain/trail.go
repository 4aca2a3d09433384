package explain

import (
	"strings"

	"gatehouse/identity"
)

// mostSteps is how many checks of a request are kept. Of more than these the
// last is kept if it failed.
const mostSteps = 32

// Trail is the checks of one request, in their order, and whom the request
// speaks for. The zero value is empty, and a nil *Trail takes notes of nothing.
// A check that passes costs a byte; one request has one goroutine.
type Trail struct {
	steps    [mostSteps]Check
	taken    uint8
	failed   uint32 // the steps that failed, as bits
	failures []failure
	caller   Caller
	clientID string
}

// Caller is whom a request speaks for, as far as that was found: whether it was
// proven as well is what the checks say.
type Caller struct {
	Type string `json:"type"` // "user" or "application"
	ID   string `json:"id"`   // of a user; the client id of an application
	Name string `json:"name,omitempty"`
}

// The types of caller.
const (
	User        = "user"
	Application = "application"
)

// failure is what was compared when a check failed.
type failure struct {
	got, want string
	sent      string // a secret or a token, to be kept as a fingerprint
	stored    []identity.ClientSecret
}

// Pass notes checks that passed.
func (t *Trail) Pass(checks ...Check) {
	if t == nil {
		return
	}
	for _, c := range checks {
		if t.taken < mostSteps {
			t.steps[t.taken] = c
			t.taken++
		}
	}
}

// Fail notes a check that failed: what the request had, and what it should have
// had. Neither may be a secret, or text from outside that has not gone through
// Name, Names or ClientID.
func (t *Trail) Fail(c Check, got, want string) {
	t.fail(c, failure{got: keep(got), want: keep(want)})
}

// FailToken is Fail for a token, which is kept as a fingerprint.
func (t *Trail) FailToken(c Check, token, got, want string) {
	t.fail(c, failure{got: keep(got), want: keep(want), sent: keepSecret(token)})
}

// FailSecret is Fail for a client secret and those that it was compared with.
// It is not for passwords: people make them, and a fingerprint would give them away.
func (t *Trail) FailSecret(c Check, sent string, stored []identity.ClientSecret) {
	t.fail(c, failure{sent: keepSecret(sent), stored: stored})
}

func (t *Trail) fail(c Check, f failure) {
	if t == nil {
		return
	}
	if t.taken == mostSteps {
		t.taken--
		if t.failed&(1<<t.taken) != 0 {
			t.failures = t.failures[:len(t.failures)-1]
		}
	}
	t.steps[t.taken] = c
	t.failed |= 1 << t.taken
	t.taken++
	t.failures = append(t.failures, f)
}

// SetUser notes whom the request speaks for.
func (t *Trail) SetUser(u *identity.User) {
	if t != nil {
		t.caller = Caller{User, u.ID, u.Username}
	}
}

// SetUserID notes whom the request speaks for where only the id is known so far.
func (t *Trail) SetUserID(id string) {
	if t != nil {
		t.caller = Caller{Type: User, ID: id}
	}
}

// UserID is the id of the user whom the request speaks for; empty: of nobody, or not
// known.
func (t *Trail) UserID() string {
	if t == nil || t.caller.Type != User {
		return ""
	}
	return t.caller.ID
}

// SetApplication notes which application the request is from. It is also whom
// the request speaks for, unless it speaks for a user.
func (t *Trail) SetApplication(a *identity.Application) {
	if t == nil {
		return
	}
	t.clientID = a.ClientID
	if t.caller.Type != User {
		t.caller = Caller{Application, a.ClientID, a.Name}
	}
}

// Limits in bytes. What is kept is cloned, for it may be part of a body that is
// larger than all that may wait to be recorded.
const (
	longestText   = 300
	longestSecret = 4 << 10
)

func keep(text string) string { return strings.Clone(cut(text, longestText)) }

// keepSecret keeps no more of a secret than makes a fingerprint worth having.
func keepSecret(secret string) string {
	if len(secret) > longestSecret {
		return ""
	}
	return strings.Clone(secret)
}

// cut shortens text to at most so many bytes, leaving valid UTF-8.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
