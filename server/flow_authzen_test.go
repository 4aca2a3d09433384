package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/server/servertest"
)

const (
	evaluationPath  = "/access/v1/evaluation"
	evaluationsPath = "/access/v1/evaluations"
	metadataPath    = "/.well-known/authzen-configuration"
)

// evaluation is a question as AuthZEN asks it: "user" and "vera" for who it is, and
// "ledgers:get of midaz" for what.
func evaluation(kind, id, what string) string {
	permission, product, _ := strings.Cut(what, " of ")
	resource, action, _ := strings.Cut(permission, ":")
	body := fmt.Sprintf(`"subject":{"type":%q,"id":%q},"action":{"name":%q},"resource":{"type":%q,"id":"7"}`, kind, id, action, resource)
	if product != "" {
		body += fmt.Sprintf(`,"context":{"product":%q}`, product)
	}
	return "{" + body + "}"
}

// evaluationsOf is a list of them.
func evaluationsOf(list ...string) string { return `{"evaluations":[` + strings.Join(list, ",") + `]}` }

// because is a denial with a reason.
func because(status int, reason string) string {
	return fmt.Sprintf(`{"decision":false,"context":{"reason_admin":{"%d":%q}}}`, status, reason)
}

const (
	permit = `{"decision":true}`
	deny   = `{"decision":false}`
	// mayNotAsk is the answer to one of a list that the asker may not ask.
	mayNotAsk = `{"decision":false,"context":{"error":{"status":403,"code":"AUT-2002",
		"message":"The provided token does not allow this request. Please ask an administrator for the permission it needs.",
		"fields":{"subject":"is not the token's own: permissions:get is needed to ask about others"}}}}`
)

// answered holds an answer to the JSON expected, or to a code.
func answered(t *testing.T, a servertest.Answer, expected string) {
	t.Helper()
	if status, refused := statuses[expected]; refused {
		want(t, a, status, expected)
		return
	}
	want(t, a, http.StatusOK, "")
	var wanted, got any
	if err := json.Unmarshal([]byte(expected), &wanted); err != nil {
		t.Fatalf("%v: %s", err, expected)
	}
	if err := json.Unmarshal(a.Body, &got); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// TestEvaluation asks each question by itself and as one of a list.
func TestEvaluation(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		noPost := because(403, `none of its groups permits "ledgers:post": midaz-viewer-group`)
		for _, tt := range []struct {
			rule           string
			as             servertest.With
			kind, id, what string
			want           string
		}{
			{"user by id", f.auditor, "user", "$vera", "ledgers:get", permit},
			{"user by username", f.auditor, "user", "VERA", "ledgers:get", permit},
			{"user with an owner", f.auditor, "user", "lerian/$vera", "ledgers:get", permit},
			{"role", f.auditor, "role", "midaz-contributor-role", "ledgers:post", permit},
			{"role with an owner", f.auditor, "role", "admin/midaz-viewer-role", "ledgers:get", permit},
			{"application", f.auditor, "application", "$midaz", "ledgers:delete", permit},
			{"any action", f.auditor, "user", "edith", "packages:burn", permit},
			{"the product's groups count", f.auditor, "user", "edith", "ledgers:get of midaz", permit},
			{"no other product's groups do", f.auditor, "user", "edith", "packages:get of midaz", because(403, `none of its groups permits "packages:get": midaz-editor-group`)},
			{"the reason of a denial", f.auditor, "user", "vera", "ledgers:post", noPost},
			{"unknown user", f.auditor, "user", "nobody", "ledgers:get", because(404, "there is no such user")},
			{"a user is no application", f.auditor, "application", "vera", "ledgers:get", because(404, "there is no such application")},
			{"a role is no user", f.auditor, "user", "midaz-viewer-role", "ledgers:get", because(404, "there is no such user")},
			{"a role without a group", f.auditor, "role", "nothing-viewer-role", "ledgers:get", because(404, "there is no such role")},
			{"another type", f.auditor, "User", "vera", "ledgers:get", because(404, "a subject is a user, an application or a role")},

			{"own, permitted", f.viewer, "user", "$vera", "ledgers:get", permit},
			{"own, denied, is told no groups", f.viewer, "user", "$vera", "ledgers:post", deny},
			{"another type, whoever asks", f.viewer, "group", "midaz-viewer-group", "ledgers:get", because(404, "a subject is a user, an application or a role")},
			{"application, role of its product's editors", f.midaz, "role", "admin/midaz-editor-role", "ledgers:delete", permit},
			{"application, role of another product", f.midaz, "role", "midaz-fees-editor-role", "packages:get", deny},
			{"application, itself", f.midaz, "application", "$midaz", "ledgers:delete", permit},

			{"another user", f.viewer, "user", "edith", "ledgers:get", "AUT-2002"},
			{"nobody, of whom nothing is said", f.viewer, "user", "nobody", "ledgers:get", "AUT-2002"},
			{"own id as an application", f.viewer, "application", "$vera", "ledgers:get", "AUT-2002"},
			{"application, a user", f.midaz, "user", "vera", "ledgers:get", "AUT-2002"},
			{"application, a user called like its role", f.midaz, "user", "midaz-editor-role", "ledgers:get", "AUT-2002"},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				question := f.fill(evaluation(tt.kind, tt.id, tt.what))
				answered(t, f.PostJSON(t, evaluationPath, question, tt.as), tt.want)
				inList := tt.want
				if inList == "AUT-2002" {
					inList = mayNotAsk
				}
				answered(t, f.PostJSON(t, evaluationsPath, evaluationsOf(question), tt.as), evaluationsOf(inList))
				// Without a list, it is one question at the other endpoint, too (§7.1).
				answered(t, f.PostJSON(t, evaluationsPath, question, tt.as), tt.want)
				empty := strings.TrimSuffix(question, "}") + `,"evaluations":[]}`
				answered(t, f.PostJSON(t, evaluationsPath, empty, tt.as), tt.want)
				// And a list is nothing to the endpoint for one (§10.1.1).
				ignored := strings.TrimSuffix(question, "}") + `,"evaluations":[7],"options":7}`
				answered(t, f.PostJSON(t, evaluationPath, ignored, tt.as), tt.want)
			})
		}
	})
}

// TestEvaluations: the list's members come before the request's.
func TestEvaluations(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		whole := evaluation("user", "vera", "ledgers:get")
		vera, get, ledgers := `"subject":{"type":"user","id":"vera"}`, `"action":{"name":"get"}`, `"resource":{"type":"ledgers","id":"1"}`
		post, accounts := `"action":{"name":"post"}`, `"resource":{"type":"accounts","id":"1"}`
		noPost := because(403, `none of its groups permits "ledgers:post": midaz-viewer-group`)
		noPackages := because(403, `none of its groups permits "packages:get": midaz-editor-group`)
		missing := func(field string) string {
			return `{"decision":false,"context":{"error":{"status":400,"code":"AUT-0001",
				"message":"Your request is missing one or more required fields. Please refer to the documentation to ensure all necessary fields are included in your request.",
				"fields":{"` + field + `":"is required"}}}}`
		}
		malformed := func(field, reason string) string {
			return `{"decision":false,"context":{"error":{"status":400,"code":"AUT-0009",
				"message":"The server could not understand the request due to malformed syntax. Please check the listed fields and try again.",
				"fields":{"` + field + `":"` + reason + `"}}}}`
		}
		for _, tt := range []struct{ rule, body, want string }{
			{
				"no defaults", evaluationsOf(whole, evaluation("role", "midaz-editor-role", "ledgers:delete"), evaluation("user", "vera", "ledgers:post")),
				evaluationsOf(permit, permit, noPost),
			},
			{
				"one subject and context", `{` + vera + `,"context":{"time":"2024-05-31T15:22-07:00"},"evaluations":[
					{` + get + `,` + ledgers + `},{` + post + `,` + ledgers + `},{` + get + `,` + ledgers + `}]}`,
				evaluationsOf(permit, noPost, permit),
			},
			{
				"one of the list has another action", `{` + vera + `,` + get + `,"evaluations":[{` + ledgers + `},{` + ledgers + `},{` + ledgers + `,` + post + `}]}`,
				evaluationsOf(permit, permit, noPost),
			},
			{
				"one of the list has another subject", `{` + vera + `,` + post + `,` + ledgers + `,"evaluations":[{},{"subject":{"type":"user","id":"edith"}}]}`,
				evaluationsOf(noPost, permit),
			},
			{
				"one of the list has another resource", `{"subject":{"type":"user","id":"edith"},` + get + `,` + accounts + `,"evaluations":[{},{"resource":{"type":"packages","id":"1"}}]}`,
				evaluationsOf(permit, permit),
			},
			{
				"one of the list has another context", `{"subject":{"type":"user","id":"edith"},` + get + `,"resource":{"type":"packages","id":"1"},
					"context":{"product":"midaz"},"evaluations":[{},{"context":{"product":"midaz-fees"}},{"context":{}},{"context":null}]}`,
				evaluationsOf(noPackages, permit, permit, noPackages),
			},
			{
				"a member is replaced as a whole", `{` + vera + `,` + get + `,` + ledgers + `,"evaluations":[{"resource":{"id":"2"}},{}]}`,
				evaluationsOf(missing("resource.type"), permit),
			},
			{
				"what is wrong with one spoils no other", `{` + vera + `,` + get + `,"evaluations":[{},{` + ledgers + `},7,null,{` + ledgers + `,"subject":"vera"},{` + ledgers + `,"action":{"name":7}}]}`,
				evaluationsOf(
					missing("resource"), permit, malformed("evaluations", "must hold objects"), malformed("evaluations", "must hold objects"),
					malformed("subject", "must be an object"), malformed("action.name", "must be a string"),
				),
			},
			{"a default that nobody uses may be anything", `{"subject":7,"evaluations":[` + whole + `]}`, evaluationsOf(permit)},
			{"no subject anywhere", `{` + get + `,"evaluations":[{` + ledgers + `}]}`, evaluationsOf(missing("subject"))},
		} {
			t.Run(tt.rule, func(t *testing.T) { answered(t, f.PostJSON(t, evaluationsPath, tt.body, f.auditor), tt.want) })
		}
		t.Run("a list of a thousand", func(t *testing.T) {
			list := slices.Repeat([]string{`{"resource":{"type":"ledgers","id":"1"}}`, `{"resource":{"type":"accounts","id":"1"}}`}, 500)
			body := `{"subject":{"type":"user","id":"$vera"},"action":{"name":"get"},` + evaluationsOf(list...)[1:]
			answered(t, f.PostJSON(t, evaluationsPath, f.fill(body), f.viewer), evaluationsOf(slices.Repeat([]string{permit, deny}, 500)...))
		})
	})
}

// TestEvaluationsSemantics: a list is answered up to the decision that ends it.
func TestEvaluationsSemantics(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		asking := func(semantic string, actions ...string) string {
			var list []string
			for _, action := range actions {
				list = append(list, strings.ReplaceAll(`{"action":{"name":"$"}}`, "$", action))
			}
			return `{"subject":{"type":"user","id":"vera"},"resource":{"type":"ledgers","id":"1"},"options":` + semantic + `,` + evaluationsOf(list...)[1:]
		}
		const all, allAnd, and, or = `{}`, `{"evaluations_semantic":"execute_all"}`, `{"evaluations_semantic":"deny_on_first_deny"}`, `{"evaluations_semantic":"permit_on_first_permit"}`
		for _, tt := range []struct {
			rule, semantic string
			actions        []string
			want           []string
		}{
			{"all by default", all, []string{"post", "get", "post", "get"}, []string{deny, permit, deny, permit}},
			{"all without options", `null`, []string{"get", "post", "get"}, []string{permit, deny, permit}},
			{"all with another option", `{"another_option":"value"}`, []string{"get", "post", "get"}, []string{permit, deny, permit}},
			{"all", allAnd, []string{"get", "post", "get"}, []string{permit, deny, permit}},
			{"the first denial ends it", and, []string{"get", "head", "post", "get"}, []string{permit, permit, deny}},
			{"the very first", and, []string{"post", "get"}, []string{deny}},
			{"no denial", and, []string{"get", "head"}, []string{permit, permit}},
			{"an error is a denial", and, []string{"get", "", "get"}, []string{permit, deny}},
			{"the first permit ends it", or, []string{"post", "get", "head"}, []string{deny, permit}},
			{"the very first permit", or, []string{"get", "post"}, []string{permit}},
			{"an error is no permit", or, []string{"", "get", "get"}, []string{deny, permit}},
			{"no permit", or, []string{"post", "patch"}, []string{deny, deny}},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				a := f.PostJSON(t, evaluationsPath, asking(tt.semantic, tt.actions...), f.viewer)
				want(t, a, http.StatusOK, "")
				var got []string
				for _, one := range a.JSON["evaluations"].([]any) {
					got = append(got, map[bool]string{true: permit, false: deny}[one.(map[string]any)["decision"].(bool)])
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("decisions are %v, want %v", got, tt.want)
				}
			})
		}
		t.Run("one that may not be asked is a denial", func(t *testing.T) {
			body := `{"action":{"name":"get"},"resource":{"type":"ledgers","id":"1"},"options":` + and + `,"evaluations":[
				{"subject":{"type":"user","id":"$vera"}},{"subject":{"type":"user","id":"$edith"}},{"subject":{"type":"user","id":"$vera"}}]}`
			answered(t, f.PostJSON(t, evaluationsPath, f.fill(body), f.viewer), evaluationsOf(permit, mayNotAsk))
		})
	})
}
