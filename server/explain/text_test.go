package explain_test

import (
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/server/explain"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "",
		"clientID":                "clientID",
		"reports:read":            "reports:read",
		"https://api.example.com": "https://api.example.com",
		"grant_type.metadata-x/y": "grant_type.metadata-x/y",
		"hunter2":                 "(a text of 7 bytes)",
		"correct horse":           "(a text of 13 bytes)",
		`{"password":"x"}`:        "(a text of 16 bytes)",
		strings.Repeat("a", 41):   "(a text of 41 bytes)",
		"pässwort":                "(a text of 9 bytes)",
	} {
		if got := explain.Name(text); got != want {
			t.Errorf("Name(%q) = %q, want %q", text, got, want)
		}
	}
	if got := explain.Names([]string{"v2", "hunter2", "read"}, []string{"v2"}); got != "v2 (a text of 7 bytes) read" {
		t.Errorf("Names() = %q", got)
	}
	if got := explain.Names(strings.Fields(strings.Repeat("a ", 30)), nil); got != strings.Repeat("a ", 16)+"…" {
		t.Errorf("Names() of many = %q", got)
	}
	for text, want := range map[string]string{
		"0123456789abcdef0123": "0123456789abcdef0123",
		"console":              "console",
		"0123456789abcdef0123456789abcdef01234567": "(a text of 40 bytes)",
	} {
		if got := explain.ClientID(text); got != want {
			t.Errorf("ClientID(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCausesAreScrubbed(t *testing.T) {
	t.Parallel()
	for cause, want := range map[string]string{
		"its signature is wrong":                                                 "its signature is wrong",
		"session 01900000-0000-7000-8000-000000000000 has ended":                 "session 01900000-0000-7000-8000-000000000000 has ended",
		"duplicate key value violates unique constraint \"users_username_key\"":  "duplicate key value violates unique constraint \"users_username_key\"",
		"dial postgres://gatehouse:hunter2@db/gatehouse":                         "dial postgres://gatehouse:[redacted]@db/gatehouse",
		"user=ada password=hunter2 host=db":                                      "user=ada password=[redacted] host=db",
		"token eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x": "token [redacted].[redacted].x",
		"secret 0123456789abcdef0123456789abcdef01234567 is wrong":               "secret [redacted] is wrong",
		"two\nlines\x1b[31m":                                                     "twolines[31m",
	} {
		if got := newFixture(t).record(t, explain.Refused{Fault: errors.Internal.Because(errors.New(cause))}).Cause; got != want {
			t.Errorf("cause %q is kept as %q, want %q", cause, got, want)
		}
	}
}
