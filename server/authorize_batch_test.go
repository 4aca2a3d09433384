package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/server/servertest"
)

// outcomes are the answers of a batch in order: "yes", "no", or a code.
func outcomes(t *testing.T, a servertest.Answer) []string {
	t.Helper()
	want(t, a, http.StatusOK, "")
	if _, there := a.JSON["code"]; there {
		t.Errorf("a success has a code: %s", a.Body)
	}
	var all []string
	for _, one := range a.JSON["answers"].([]any) {
		answer := one.(map[string]any)
		refusal, refused := answer["error"].(map[string]any)
		switch {
		case refused && answer["authorized"] == false:
			all = append(all, refusal["code"].(string))
		case answer["authorized"] == true:
			all = append(all, "yes")
		default:
			all = append(all, "no")
		}
	}
	return all
}

// TestBatch: many questions in one request, each answered as by itself.
func TestBatch(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		batch := func(t *testing.T, as servertest.With, questions ...string) servertest.Answer {
			t.Helper()
			return f.PostJSON(t, batchPath, f.fill(batchOf(questions...)), as)
		}
		mixed := []string{
			about("lerian/$vera", "ledgers:get"), about("nobody", "ledgers:get"), about("vera", "ledgers:post"),
			about("midaz-contributor-role", "ledgers:post of midaz"), about("$midaz", "ledgers:delete"), about("", "permissions:get"),
			about("admin/admin", "groups:get"), about("lerian/$vera", "ledgers:get"), about("edith", "packages:get of midaz"),
		}
		t.Run("answers are in the order of the questions", func(t *testing.T) {
			expected := []string{"yes", "AUT-1015", "no", "yes", "yes", "yes", "yes", "yes", "no"}
			if got := outcomes(t, batch(t, f.auditor, mixed...)); !slices.Equal(got, expected) {
				t.Errorf("answers are %v, want %v", got, expected)
			}
			slices.Reverse(mixed)
			slices.Reverse(expected)
			if got := outcomes(t, batch(t, f.auditor, mixed...)); !slices.Equal(got, expected) {
				t.Errorf("reversed, answers are %v, want %v", got, expected)
			}
		})
		t.Run("a question that may not be asked spoils no other", func(t *testing.T) {
			expected := []string{"yes", "AUT-2002", "AUT-2002", "no"}
			questions := []string{about("vera", "ledgers:get"), about("edith", "ledgers:get"), about("nobody", "ledgers:get"), about("", "ledgers:post")}
			if got := outcomes(t, batch(t, f.viewer, questions...)); !slices.Equal(got, expected) {
				t.Errorf("answers are %v, want %v", got, expected)
			}
		})
		t.Run("an application's token", func(t *testing.T) {
			expected := []string{"yes", "no", "AUT-2002"}
			got := outcomes(t, batch(t, f.midaz, about("admin/midaz-editor-role", "ledgers:post"), about("midaz-fees-editor-role", "packages:get"), about("vera", "ledgers:get")))
			if !slices.Equal(got, expected) {
				t.Errorf("answers are %v, want %v", got, expected)
			}
		})
		t.Run("an error is the whole of it", func(t *testing.T) {
			a := batch(t, f.auditor, about("nobody", "ledgers:get"))
			code := errors.SubjectNotFound
			refusal := a.JSON["answers"].([]any)[0].(map[string]any)["error"].(map[string]any)
			if refusal["code"] != code.ID || refusal["title"] != code.Title || refusal["message"] != code.Message {
				t.Errorf("error is %v", refusal)
			}
		})
		t.Run("one time for all", func(t *testing.T) {
			a := batch(t, f.viewer, about("", "ledgers:get"))
			at, err := time.Parse(time.RFC3339, a.Text("timestamp"))
			if err != nil || !at.Equal(f.Clock.Now()) {
				t.Errorf("timestamp is %q (%v)", a.Text("timestamp"), err)
			}
		})
		for _, n := range []int{1, 1000} {
			t.Run(fmt.Sprintf("%d questions", n), func(t *testing.T) {
				questions := make([]string, n)
				for i := range questions {
					questions[i] = about("vera", []string{"ledgers:get", "ledgers:post", "accounts:get"}[i%3])
				}
				got := outcomes(t, batch(t, f.auditor, questions...))
				for i, answer := range got {
					if answer != []string{"yes", "no", "no"}[i%3] {
						t.Fatalf("answer %d is %s", i, answer)
					}
				}
				if len(got) != n {
					t.Errorf("%d answers to %d questions", len(got), n)
				}
			})
		}
		good := about("", "ledgers:get")
		for _, tt := range []struct{ rule, body, want, field string }{
			{"no questions", `{}`, "AUT-0001", "questions"},
			{"an empty list", batchOf(), "AUT-0001", "questions"},
			{"1001 questions", batchOf(slices.Repeat([]string{good}, 1001)...), "AUT-0009", "questions"},
			{"questions that are no list", `{"questions":{}}`, "AUT-0009", "questions"},
			{"a question that is no object", batchOf(good, `"ledgers"`), "AUT-0009", "questions.1"},
			{"a question that is null", batchOf(`null`), "AUT-0009", "questions.0"},
			{"a question with a field too many", batchOf(good, good, `{"resource":"a","action":"b","subject":"c"}`), "AUT-0003", "questions.2.subject"},
			{"a question without an action", batchOf(good, `{"resource":"a"}`), "AUT-0001", "questions.1.action"},
			{"a question with a number", batchOf(`{"resource":"a","action":1}`), "AUT-0009", "questions.0.action"},
			{"a field too many", `{"questions":[` + good + `],"explain":true}`, "AUT-0003", "explain"},
			{"a question outside", good, "AUT-0003", "resource"},
			{"no JSON", `[`, "AUT-0009", ""},
			{"too large", batchOf(about("", strings.Repeat("x", 1<<20)+":get")), "AUT-2003", ""},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				a := f.PostJSON(t, batchPath, tt.body, f.viewer)
				want(t, a, statuses[tt.want], tt.want)
				if _, named := a.Fields()[tt.field]; tt.field != "" && !named {
					t.Errorf("fields are %v, want %s", a.Fields(), tt.field)
				}
			})
		}
		t.Run("a query parameter that is not known", func(t *testing.T) {
			want(t, f.PostJSON(t, batchPath+"?product=midaz", batchOf(good), f.viewer), http.StatusBadRequest, "AUT-0004")
		})
	})
}
