package explain_test

import (
	"context"
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/storage"
)

// stored are refusals as a store returns them.
type stored []storage.Refusal

func (stored) AddRefusals(context.Context, []storage.Refusal) error    { return nil }
func (stored) DeleteRefusals(context.Context, []storage.Refusal) error { return nil }

func (s stored) Refusals(context.Context, string) ([]storage.Refusal, error) { return s, nil }

func TestRead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var trail explain.Trail
	trail.Fail(explain.GrantKnown, "magic", "password")
	f.record(t, explain.Refused{Fault: errors.UnknownGrant.With("magic"), Trail: &trail})
	got, err := explain.Read(t.Context(), stored(f.database.kept), "r-1")
	if err != nil || len(got) != 1 {
		t.Fatalf("Read() = %v, %v", got, err)
	}
	e := got[0]
	if e.Title != errors.UnknownGrant.Title || e.Help.Means == "" || len(e.Help.Causes) == 0 || len(e.Help.Steps) == 0 {
		t.Errorf("explanation = %+v", e)
	}
	if strings.Contains(e.Message, "%") || strings.Contains(e.Message, "magic") {
		t.Errorf("message = %q", e.Message)
	}
	if len(e.Checks) != 1 || e.Checks[0].Says == "" {
		t.Errorf("checks = %+v", e.Checks)
	}
	if _, err := explain.Read(t.Context(), stored{}, "r-1"); !errors.Is(err, errors.RefusalNotFound) {
		t.Errorf("Read() of nothing = %v", err)
	}
	if _, err := explain.Read(t.Context(), stored{{Record: []byte("{")}}, "r-1"); err == nil {
		t.Error("Read() of half a record = nil")
	}
}

// Names are what is kept, so each check has one of its own.
func TestEveryCheckIsNamed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for c := explain.RateLimit; c <= explain.Permission; c++ {
		if name := c.String(); name == "" || seen[name] {
			t.Errorf("check %d is named %q", c, name)
		} else {
			seen[name] = true
		}
	}
	if explain.Check(0).String() != "" || explain.Check(255).String() != "" {
		t.Error("what is no check has a name")
	}
}
