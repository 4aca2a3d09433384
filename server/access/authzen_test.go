package access_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
	"gatehouse/server/access"
	"gatehouse/server/web"
)

// FuzzEvaluations holds what is read from a body to what every question promises,
// and one evaluation to a list of it.
func FuzzEvaluations(f *testing.F) {
	const question = `"subject":{"type":"user","id":"ada"},"action":{"name":"get"},"resource":{"type":"ledgers","id":"7"}`
	for _, seed := range []string{
		`{` + question + `}`, `{` + question + `,"context":{"product":"midaz","time":"now"},"more":[1]}`, `{` + question + `,"evaluations":[]}`,
		`{` + question + `,"evaluations":[{},{"subject":{"type":"role","id":"admin","properties":{}}},{"context":null},7],"options":{"evaluations_semantic":"deny_on_first_deny"}}`,
		`{"evaluations":[{` + question + `}],"options":{"evaluations_semantic":"none"}}`, `{"evaluations":{"0":{}}}`, `{"subject":"ada"}`,
		`{"subject":{"type":7,"id":"","properties":[]},"action":{},"resource":{"type":null,"id":7},"context":[]}`, `{"evaluations":[[[]]],"options":7}`, `[]`, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		object, err := web.ParseObject(body, web.AuthCodes())
		if err != nil {
			return
		}
		questions, faults, err := access.ReadMany(object)
		if err != nil {
			explained(t, body, err)
		}
		for i, q := range questions {
			sound(t, body, q, faults[i])
		}
		one, err := access.ReadOne(object)
		sound(t, body, one, err)
		alone, faults, refused := access.ReadMany(map[string]any{"evaluations": []any{object}})
		if refused != nil || (faults[0] == nil) != (err == nil) {
			t.Fatalf("%s: %v alone, %v and %v in a list", body, err, refused, faults)
		}
		if diff := cmp.Diff(one, alone[0]); diff != "" {
			t.Fatalf("%s (-alone +in a list):\n%s", body, diff)
		}
		object["unheard-of"] = []any{}
		if again, err2 := access.ReadOne(object); again != one || (err2 == nil) != (err == nil) {
			t.Fatalf("%s: a member that is not known makes %v of %v (%v, %v)", body, again, one, err2, err)
		}
	})
}

// sound holds a question to having what a question must have, or being refused.
func sound(t *testing.T, body []byte, q permissions.Question, err error) {
	t.Helper()
	const longest = 512
	if err != nil {
		explained(t, body, err)
		return
	}
	if q.Kind == "" || q.Subject == "" || q.Action == "" || q.Resource == "" ||
		max(len(q.Kind), len(q.Subject), len(q.Action), len(q.Resource), len(q.Product)) > longest {
		t.Fatalf("%s is read as %+v", body, q)
	}
}

// explained holds a refusal to a code of bodies that names the fields at fault.
func explained(t *testing.T, body []byte, err error) {
	t.Helper()
	if f := errors.From(err); f.Code != errors.Malformed && f.Code != errors.MissingFields || len(f.Fields) == 0 {
		t.Fatalf("%s is refused with %v on %v", body, err, f.Fields)
	}
}
