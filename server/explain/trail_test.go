package explain_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/keys"
)

func TestTrailIsInOrder(t *testing.T) {
	t.Parallel()
	var trail explain.Trail
	trail.Pass(explain.RateLimit, explain.BodyForm)
	trail.Fail(explain.UserEnabled, "disabled", "enabled")
	trail.Pass(explain.NotFrozen)
	trail.Fail(explain.Password, "another", "")
	got := newFixture(t).record(t, explain.Refused{Trail: &trail}).Checks
	want := []explain.Outcome{
		{Check: "rate-limit", Passed: true},
		{Check: "body.form", Passed: true},
		{Check: "user.enabled", Got: "disabled", Want: "enabled"},
		{Check: "attempts.not-frozen", Passed: true},
		{Check: "user.password", Got: "another"},
	}
	if len(got) != len(want) {
		t.Fatalf("checks = %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("check %d = %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestTrailKeepsTheLastFailure(t *testing.T) {
	t.Parallel()
	var trail explain.Trail
	for range 40 {
		trail.Pass(explain.BodyForm)
	}
	trail.Fail(explain.UserKnown, "first", "")
	trail.Fail(explain.Password, "last", "")
	trail.Pass(explain.Metadata)
	got := newFixture(t).record(t, explain.Refused{Trail: &trail}).Checks
	if last := got[len(got)-1]; len(got) != 32 || last.Check != "user.password" || last.Got != "last" {
		t.Errorf("%d checks, the last %+v", len(got), last)
	}
}

func TestTrailSaysWhoAsks(t *testing.T) {
	t.Parallel()
	app := &identity.Application{ClientID: "c-1", Name: "billing"}
	user := &identity.User{ID: "u-1", Username: "ada"}
	for name, tt := range map[string]struct {
		note func(*explain.Trail)
		want explain.Caller
	}{
		"an application":       {func(t *explain.Trail) { t.SetApplication(app) }, explain.Caller{Type: explain.Application, ID: "c-1", Name: "billing"}},
		"a user at one":        {func(t *explain.Trail) { t.SetApplication(app); t.SetUser(user) }, explain.Caller{Type: explain.User, ID: "u-1", Name: "ada"}},
		"a user, then the app": {func(t *explain.Trail) { t.SetUserID("u-1"); t.SetApplication(app) }, explain.Caller{Type: explain.User, ID: "u-1"}},
	} {
		var trail explain.Trail
		tt.note(&trail)
		got := newFixture(t).record(t, explain.Refused{Trail: &trail})
		if got.Caller == nil || *got.Caller != tt.want || got.ClientID != "c-1" {
			t.Errorf("%s: %+v, client %q", name, got.Caller, got.ClientID)
		}
	}
}

func TestSecretsAreFingerprints(t *testing.T) {
	t.Parallel()
	master, err := keys.NewMaster("a master secret that is only good for tests")
	if err != nil {
		t.Fatal(err)
	}
	old, err := keys.NewMaster("the master secret that was in use before")
	if err != nil {
		t.Fatal(err)
	}
	until := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	const secret, other = "f39a6d8e1c5b4a70f39a6d8e1c5b4a70f39a6d8e", "00112233445566778899aabbccddeeff00112233"
	var trail explain.Trail
	trail.FailSecret(explain.ClientSecret, secret, []identity.ClientSecret{
		{Hash: master.HashSecret(other)}, {Hash: master.HashSecret(secret), ExpiresAt: until}, {Hash: old.HashSecret(other)}, {Hash: "$2a$10$x"},
	})
	trail.FailToken(explain.TokenForm, secret, "40 bytes", "three parts")
	trail.FailToken(explain.TokenForm, strings.Repeat("x", 5000), "5000 bytes", "")
	f := newFixture(t)
	got := f.record(t, explain.Refused{Trail: &trail}).Checks
	mine := master.Fingerprint(secret)
	if got[0].Got != "fingerprint "+mine || got[1].Got != "40 bytes fingerprint "+mine || got[2].Got != "5000 bytes" {
		t.Errorf("checks = %+v", got)
	}
	want := regexp.MustCompile(`^fingerprint ` + master.Fingerprint(other) + `, fingerprint ` + mine +
		` until 2026-03-14T15:00:00Z, fingerprint ` + old.Fingerprint(other) + ` under an older master secret, fingerprint unknown$`)
	if !want.MatchString(got[0].Want) {
		t.Errorf("stored = %s, want %s", got[0].Want, want)
	}
	if text := string(f.database.kept[0].Record); strings.Contains(text, secret) || strings.Contains(text, other) {
		t.Errorf("a secret is in %s", text)
	}
}

func TestNoTrailTakesNoNotes(t *testing.T) {
	t.Parallel()
	var trail *explain.Trail
	trail.Pass(explain.RateLimit)
	trail.Fail(explain.RateLimit, "", "")
	trail.FailToken(explain.RateLimit, "", "", "")
	trail.FailSecret(explain.RateLimit, "", nil)
	trail.SetUser(&identity.User{})
	trail.SetUserID("")
	trail.SetApplication(&identity.Application{})
}

func TestPassingCostsNothing(t *testing.T) {
	app := &identity.Application{ClientID: "c"}
	if allocations := testing.AllocsPerRun(100, func() {
		var trail explain.Trail
		for range 4 {
			trail.Pass(explain.RateLimit, explain.BodyForm, explain.GrantKnown)
		}
		trail.SetApplication(app)
	}); allocations != 0 {
		t.Errorf("%v allocations, want none", allocations)
	}
}

func BenchmarkPass(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var trail explain.Trail
		for range 4 {
			trail.Pass(explain.RateLimit, explain.BodyForm, explain.GrantKnown)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	f := newFixture(b)
	b.ReportAllocs()
	for b.Loop() {
		f.refuse("192.0.2.1")
	}
}
