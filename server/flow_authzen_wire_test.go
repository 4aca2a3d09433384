package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/server/servertest"
)

// TestEvaluationBodies: what a body may be.
func TestEvaluationBodies(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		vera, get, ledgers := `"subject":{"type":"user","id":"vera"}`, `"action":{"name":"get"}`, `"resource":{"type":"ledgers","id":"1"}`
		one := "{" + vera + "," + get + "," + ledgers + "}"
		with := func(members string) string { return strings.TrimSuffix(one, "}") + "," + members + "}" }
		long := strings.Repeat("x", 513)
		for _, tt := range []struct{ rule, body, want, field string }{
			{"the specification's example", `{"subject":{"type":"user","id":"vera"},"resource":{"type":"ledgers","id":"123"},
				"action":{"name":"get","properties":{"method":"GET"}},"context":{"time":"1985-10-26T01:22-07:00"}}`, permit, ""},
			{"properties count for nothing", `{"subject":{"type":"user","id":"vera","properties":{"type":"role","id":"admin","department":"Sales","groups":["admin-group"]}},
				"action":{"name":"get","properties":{"name":"post"}},"resource":{"type":"ledgers","id":"1","properties":{"type":"accounts"}}}`, permit, ""},
			{"members that are not known", with(`"foo":{"bar":[1]},"Subject":7,"sub":"edith","explain":true`), permit, ""},
			{"and within", `{"subject":{"type":"user","id":"vera","Id":"edith","x":1},"action":{"name":"get","id":"post"},"resource":{"type":"ledgers","id":"1","name":7}}`, permit, ""},
			{"null is absent", with(`"context":null`), permit, ""},
			{"no product", with(`"context":{"product":""}`), permit, ""},
			{"a long id of the resource", strings.ReplaceAll(one, `"id":"1"`, `"id":"`+long+`"`), permit, ""},
			{"no subject", "{" + get + "," + ledgers + "}", "AUT-0001", "subject"},
			{"no action", "{" + vera + "," + ledgers + "}", "AUT-0001", "action"},
			{"no resource", "{" + vera + "," + get + "}", "AUT-0001", "resource"},
			{"nothing", "{}", "AUT-0001", "subject"},
			{"no type of the subject", strings.Replace(one, `"type":"user",`, "", 1), "AUT-0001", "subject.type"},
			{"no id of the subject", strings.Replace(one, `,"id":"vera"`, "", 1), "AUT-0001", "subject.id"},
			{"no name of the action", strings.Replace(one, `"name":"get"`, "", 1), "AUT-0001", "action.name"},
			{"no type of the resource", strings.Replace(one, `"type":"ledgers",`, "", 1), "AUT-0001", "resource.type"},
			{"no id of the resource", strings.Replace(one, `,"id":"1"`, "", 1), "AUT-0001", "resource.id"},
			{"an empty id of the subject", strings.Replace(one, `"vera"`, `""`, 1), "AUT-0001", "subject.id"},
			{"an empty id of the resource", strings.Replace(one, `"1"`, `""`, 1), "AUT-0001", "resource.id"},
			{"subject that is a text", strings.Replace(one, vera, `"subject":"vera"`, 1), "AUT-0009", "subject"},
			{"id that is a number", strings.Replace(one, `"vera"`, `7`, 1), "AUT-0009", "subject.id"},
			{"id of the resource that is a number", strings.Replace(one, `"1"`, `7`, 1), "AUT-0009", "resource.id"},
			{"action that is a number", strings.Replace(one, `"get"`, `7`, 1), "AUT-0009", "action.name"},
			{"too long a subject", strings.Replace(one, "vera", long, 1), "AUT-0009", "subject.id"},
			{"properties that are no object", strings.Replace(one, `"vera"`, `"vera","properties":[]`, 1), "AUT-0009", "subject.properties"},
			{"context that is no object", with(`"context":"midaz"`), "AUT-0009", "context"},
			{"product that is no text", with(`"context":{"product":["midaz"]}`), "AUT-0009", "context.product"},
			{"a member twice", with(vera), "AUT-0009", "subject"},
			{"a member that is not known twice", with(`"x":{"y":1,"y":2}`), "AUT-0009", "x.y"},
			{"a list", "[" + one + "]", "AUT-0009", "body"},
			{"no JSON", "{", "AUT-0009", "body"},
			{"no body", "", "AUT-0009", "body"},
			{"too large", with(`"x":"` + strings.Repeat("x", 1<<20) + `"`), "AUT-2003", ""},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				for _, path := range []string{evaluationPath, evaluationsPath} {
					a := f.PostJSON(t, path, tt.body, f.auditor)
					answered(t, a, tt.want)
					if _, named := a.Fields()[tt.field]; tt.field != "" && !named {
						t.Errorf("fields are %v, want %s", a.Fields(), tt.field)
					}
				}
			})
		}
		list := evaluationsOf(one)
		for _, tt := range []struct{ rule, body, field string }{
			{"a list that is an object", `{"evaluations":{"0":` + one + `}}`, "evaluations"},
			{"1001 of them", evaluationsOf(slices.Repeat([]string{"{}"}, 1001)...), "evaluations"},
			{"options that are no object", strings.TrimSuffix(list, "}") + `,"options":"execute_all"}`, "options"},
			{"a semantic that is not known", strings.TrimSuffix(list, "}") + `,"options":{"evaluations_semantic":"EXECUTE_ALL"}}`, "options.evaluations_semantic"},
			{"a semantic that is no text", strings.TrimSuffix(list, "}") + `,"options":{"evaluations_semantic":1}}`, "options.evaluations_semantic"},
			{"a semantic that is not known, without a list", with(`"options":{"evaluations_semantic":"none"}`), "options.evaluations_semantic"},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				a := f.PostJSON(t, evaluationsPath, tt.body, f.auditor)
				want(t, a, http.StatusBadRequest, "AUT-0009")
				if _, named := a.Fields()[tt.field]; !named {
					t.Errorf("fields are %v, want %s", a.Fields(), tt.field)
				}
			})
		}
		t.Run("media types and methods", func(t *testing.T) {
			for _, path := range []string{evaluationPath, evaluationsPath} {
				want(t, f.Send(t, http.MethodPost, path, "text/plain", []byte(one), f.auditor), http.StatusUnsupportedMediaType, "AUT-2004")
				want(t, f.Send(t, http.MethodPost, path, "", []byte(one), f.auditor), http.StatusUnsupportedMediaType, "AUT-2004")
				answered(t, f.Send(t, http.MethodPost, path, "application/json; charset=utf-8", []byte(one), f.auditor), permit)
				for _, method := range []string{http.MethodGet, http.MethodPut} {
					want(t, f.Send(t, method, path, "application/json", []byte(one), f.auditor), http.StatusMethodNotAllowed, "AUT-2006")
				}
			}
			want(t, f.PostJSON(t, "/access/v1/search/subject", one, f.auditor), http.StatusNotFound, "AUT-2005")
		})
	})
}

// TestEvaluationTokens: who shows no good token is told so as RFC 6750 has it.
func TestEvaluationTokens(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		own := f.fill(evaluation("user", "$vera", "ledgers:get"))
		token := f.tokenOf(t, "vera")
		revoked := signIn(t, f.Server).Text("access_token")
		revoke(t, f.Server, revoked)
		for _, path := range []string{evaluationPath, evaluationsPath} {
			for _, tt := range []struct{ rule, body, header, want, challenge string }{
				{"bearer", own, "Bearer " + token, "", ""},
				{"the token alone", own, token, "", ""},
				{"nothing", own, "", "AUT-0006", "Bearer"},
				{"nothing, whatever the body", "{", "", "AUT-0006", "Bearer"},
				{"another scheme", own, "Basic " + token, "AUT-0006", "Bearer"},
				{"no token", own, "Bearer a.b.c", "AUT-0007", `Bearer error="invalid_token"`},
				{"revoked", own, "Bearer " + revoked, "AUT-1003", `Bearer error="invalid_token"`},
				{"not enough", f.fill(evaluation("user", "$edith", "ledgers:get")), "Bearer " + token, "AUT-2002", `Bearer error="insufficient_scope"`},
			} {
				t.Run(path+" "+tt.rule, func(t *testing.T) {
					a := f.PostJSON(t, path, tt.body, servertest.Header("Authorization", tt.header), servertest.Header("X-Request-ID", "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"))
					if tt.want == "" {
						answered(t, a, permit)
					} else {
						answered(t, a, tt.want)
					}
					if got := a.Header.Get("WWW-Authenticate"); got != tt.challenge {
						t.Errorf("WWW-Authenticate is %q, want %q", got, tt.challenge)
					}
					if got := a.Header.Get("X-Request-ID"); got != "bfe9eb29-ab87-4ca3-be83-a1d5d8305716" {
						t.Errorf("X-Request-ID is %q", got)
					}
					if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Content-Type") != "application/json" {
						t.Errorf("headers are %v", a.Header)
					}
				})
			}
		}
	})
}

// TestEvaluationUnusable: without a policy there is no decision.
func TestEvaluationUnusable(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		cold := f.another(t)
		want(t, cold.Get(t, "/v1/userinfo", f.viewer), http.StatusOK, "")
		own := f.fill(evaluation("user", "$vera", "ledgers:get"))
		withoutGroups(t, f.Server, func() {
			answered(t, cold.PostJSON(t, evaluationPath, own, f.viewer), "AUT-0008")
			answered(t, cold.PostJSON(t, evaluationsPath, own, f.viewer), "AUT-0008")
			answered(t, cold.PostJSON(t, evaluationsPath, evaluationsOf(own, own), f.viewer), "AUT-0008")
		})
		answered(t, cold.PostJSON(t, evaluationsPath, evaluationsOf(own, own), f.viewer), evaluationsOf(permit, permit))
	})
}

// TestEvaluationsAreOfOneMoment turns the answers to two questions round while
// sixteen callers ask for both.
func TestEvaluationsAreOfOneMoment(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		s := f.swaps(t)[2]
		if err := f.Store.InTx(t.Context(), func(ctx context.Context) error { return s.turn(ctx, false) }); err != nil {
			t.Fatal(err)
		}
		both := evaluationsOf(evaluation("user", "left-three", "levers:pull"), evaluation("user", "right-three", "levers:pull"))
		whileTurning(t, f, s, func(int) {
			a := f.PostJSON(t, evaluationsPath, both, f.auditor)
			if a.Status == http.StatusServiceUnavailable {
				return // it changed faster than it could be read
			}
			list, _ := a.JSON["evaluations"].([]any)
			if len(list) != 2 {
				t.Errorf("%d %s", a.Status, a.Body)
				return
			}
			if left, right := list[0].(map[string]any), list[1].(map[string]any); left["decision"] == right["decision"] {
				t.Errorf("of two that change places: %s", a.Body)
			}
		})
	})
}

// TestAuthZENMetadata: the document names what works, where it works.
func TestAuthZENMetadata(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	a := s.Get(t, metadataPath, servertest.Header("Origin", "https://anywhere.example.com"))
	want(t, a, http.StatusOK, "")
	discovery := s.Get(t, "/.well-known/openid-configuration", servertest.Header("Origin", "https://anywhere.example.com"))
	for _, name := range []string{"Content-Type", "Cache-Control", "Access-Control-Allow-Origin"} {
		if got, other := a.Header.Get(name), discovery.Header.Get(name); got != other || got == "" {
			t.Errorf("%s is %q, of the other document %q", name, got, other)
		}
	}
	again := s.Get(t, metadataPath, servertest.Header("If-None-Match", a.Header.Get("ETag")))
	if again.Status != http.StatusNotModified || len(again.Body) != 0 || a.Header.Get("ETag") == "" {
		t.Errorf("with the ETag %q: %d %s", a.Header.Get("ETag"), again.Status, again.Body)
	}
	if a.Text("policy_decision_point") != s.Issuer {
		t.Errorf("policy_decision_point = %q, want the issuer %q", a.Text("policy_decision_point"), s.Issuer)
	}
	for name, address := range a.JSON {
		if strings.HasSuffix(name, "_endpoint") {
			want(t, s.PostJSON(t, strings.TrimPrefix(address.(string), s.Issuer), "{}", s.Admin(t)), http.StatusBadRequest, "AUT-0001")
		}
	}
	const path = "testdata/authzen-configuration.golden"
	var document map[string]any
	if err := json.Unmarshal(a.Body, &document); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(string(text), s.Issuer, "https://auth.example.com") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), got); diff != "" {
		t.Errorf("%s (-file +server):\n%s", path, diff)
	}
}
