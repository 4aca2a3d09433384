package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/server/servertest"
)

// TestSubjects: whom a subject names, in every form that clients send.
func TestSubjects(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		f.SomeUser(t, "midaz-editor-role", "midaz-viewer-group") // who may call themselves so
		for _, tt := range []struct{ rule, sub, what, want string }{
			{"owner and user id", "lerian/$vera", "ledgers:get", "yes"},
			{"owner and user id, not permitted", "lerian/$vera", "ledgers:post", "no"},
			{"any owner and user id", "somebody else/$vera", "ledgers:get", "yes"},
			{"owner and username", "lerian/vera", "ledgers:get", "yes"},
			{"owner and username, not permitted", "lerian/vera", "ledgers:delete", "no"},
			{"user id", "$vera", "ledgers:get", "yes"},
			{"user id in upper case", strings.ToUpper(f.fill("$vera")), "ledgers:get", "yes"},
			{"username", "edith", "ledgers:delete", "yes"},
			{"username in another case", "EDITH", "ledgers:delete", "yes"},
			{"username with a blank is another", "edith ", "ledgers:delete", "AUT-1015"},
			{"owner and role", "admin/midaz-contributor-role", "ledgers:post", "yes"},
			{"older owner and role", "lerian/midaz-contributor-role", "ledgers:delete", "no"},
			{"role", "midaz-viewer-role", "ledgers:get", "yes"},
			{"role, not permitted", "midaz-viewer-role", "ledgers:post", "no"},
			{"role in upper case is none", "MIDAZ-VIEWER-ROLE", "ledgers:get", "AUT-1015"},
			{"the administrators' role", "admin/admin", "groups:delete", "yes"},
			{"which is permitted everything", "admin/admin", "ledgers:burn", "yes"},
			{"admin is a user", "admin", "groups:delete", "AUT-1015"},
			{"owner and admin, too", "lerian/admin", "groups:delete", "AUT-1015"},
			{"user before role", "midaz-editor-role", "ledgers:delete", "no"},
			{"application", "$midaz", "ledgers:delete", "yes"},
			{"owner and application", "admin/$midaz", "packages:get", "no"},
			{"role of a product without such a group", "midaz-fees-viewer-role", "packages:get", "AUT-1015"},
			{"group is no subject", "midaz-viewer-group", "ledgers:get", "AUT-1015"},
			{"product is no subject", "midaz", "ledgers:get", "AUT-1015"},
			{"unknown user id", "lerian/0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04", "ledgers:get", "AUT-1015"},
			{"unknown username", "lerian/nobody", "ledgers:get", "AUT-1015"},
			{"owner without a name", "lerian/", "ledgers:get", "AUT-1015"},
			{"name without an owner", "/vera", "ledgers:get", "AUT-1015"},
			{"two slashes", "lerian/vera/x", "ledgers:get", "AUT-1015"},
			{"a user in no group", "nina", "ledgers:get", "no"},
			{"the asker", "", "permissions:get", "yes"},
			{"the asker, not permitted", "", "ledgers:get", "no"},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				decided(t, f.Server, f.ask(t, about(tt.sub, tt.what), f.auditor), tt.want)
			})
		}
	})
}

// TestProductsAndWildcards: exact texts, "*" for any, and one product's groups
// where a product is named.
func TestProductsAndWildcards(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		for _, tt := range []struct{ rule, sub, what, want string }{
			{"all groups count without a product", "edith", "packages:get", "yes"},
			{"groups of the product count", "edith", "ledgers:get of midaz", "yes"},
			{"groups of another product do not", "edith", "ledgers:get of midaz-fees", "no"},
			{"of two products the longer name is the group's", "edith", "packages:get of midaz", "no"},
			{"and it counts for that", "edith", "packages:get of midaz-fees", "yes"},
			{"a product that is not registered has no groups", "edith", "ledgers:get of midaz-editor", "no"},
			{"a group of no product counts for none", "wanda", "ledgers:get of midaz", "no"},
			{"an empty product is none", "edith", "packages:get of ", "yes"},
			{"any action", "edith", "packages:burn", "yes"},
			{"any resource", "wanda", "anything at all:get", "yes"},
			{"any resource is not any action", "wanda", "ledgers:post", "no"},
			{"case matters", "edith", "Ledgers:get", "no"},
			{"a star in a question is a text", "vera", "*:get", "no"},
			{"which any resource matches", "wanda", "*:get", "yes"},
			{"the beginning of a resource is another", "vera", "ledger:get", "no"},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				decided(t, f.Server, f.ask(t, about(tt.sub, tt.what), f.auditor), tt.want)
			})
		}
	})
}

// TestWhoMayAsk: applications for the role of their own product's editors, users
// for themselves, and about others whoever has permissions:get.
func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		f.NewGroup(t, f.admin, "test-editor-group", map[string][]string{"permissions": {"get"}, "reports": {"get"}})
		within := f.ActAsApplication(t, f.ClientID, f.ClientSecret)
		f.NewGroup(t, f.admin, "machine-editor-group", map[string][]string{"reports": {"get"}})
		f.JoinGroup(t, f.admin, "auditors", f.MachineID)
		knowing := f.ActAsApplication(t, f.MachineID, f.MachineSecret)
		f.NewUser(t, f.admin, f.fill("$vera"), "midaz-editor-group") // whose username is somebody's id
		lookalike := f.ActAs(t, f.fill("$vera"), servertest.NewPassword)
		for _, tt := range []struct {
			rule      string
			as        servertest.With
			sub, what string
			want      string
		}{
			{"application, role of its product's editors", f.midaz, "admin/midaz-editor-role", "ledgers:delete", "yes"},
			{"application, older owner", f.midaz, "lerian/midaz-editor-role", "ledgers:delete", "yes"},
			{"application, what its product's editors may not", f.midaz, "admin/midaz-editor-role", "packages:get", "no"},
			{"application, within its product", f.midaz, "midaz-editor-role", "ledgers:delete of midaz", "yes"},
			{"application, within another product", f.midaz, "midaz-editor-role", "ledgers:delete of midaz-fees", "no"},
			{"application, role of another product", f.midaz, "admin/midaz-fees-editor-role", "packages:get", "no"},
			{"application of another product", f.fees, "admin/midaz-editor-role", "ledgers:get", "no"},
			{"application, lower role of its product", f.midaz, "admin/midaz-viewer-role", "ledgers:get", "no"},
			{"application, the administrators' role", f.midaz, "admin/admin", "groups:get", "no"},
			{"application, a user admin", f.midaz, "admin", "groups:get", "AUT-2002"},
			{"application, role of a product that is not registered", f.midaz, "admin/nothing-editor-role", "ledgers:get", "AUT-1015"},
			{"application, itself", f.midaz, "", "ledgers:delete", "yes"},
			{"application, itself by client id", f.midaz, "admin/$midaz", "ledgers:delete", "yes"},
			{"application, a user", f.midaz, "lerian/$vera", "ledgers:get", "AUT-2002"},
			{"application, nobody", f.midaz, "lerian/nobody", "ledgers:get", "AUT-2002"},
			{"application that may, a user", knowing, "lerian/$vera", "ledgers:get", "yes"},
			{"application that may, another product's role", knowing, "midaz-editor-role", "ledgers:get", "no"},
			{"application that may, nobody", knowing, "lerian/nobody", "ledgers:get", "AUT-1015"},
			{"application that may within its product, a user", within, "lerian/$vera", "ledgers:get", "AUT-2002"},
			{"application that may within its product, of another product", within, "lerian/$vera", "ledgers:get of midaz", "AUT-2002"},
			{"application that may within its product, of that", within, "lerian/$vera", "ledgers:get of test", "no"},
			{"application that may within its product, nobody", within, "lerian/nobody", "ledgers:get of test", "AUT-1015"},

			{"user, own id", f.viewer, "lerian/$vera", "ledgers:get", "yes"},
			{"user, own id in upper case", f.viewer, "lerian/" + strings.ToUpper(f.fill("$vera")), "ledgers:get", "yes"},
			{"user whose username is another's id, that id", lookalike, "lerian/$vera", "ledgers:delete", "AUT-2002"},
			{"user whose username is another's id, itself", lookalike, "", "ledgers:delete", "yes"},
			{"that id is the other's", f.auditor, "lerian/$vera", "ledgers:delete", "no"},
			{"user, own username", f.viewer, "lerian/VERA", "ledgers:get", "yes"},
			{"user, no subject", f.viewer, "", "ledgers:post", "no"},
			{"user, another user", f.viewer, "lerian/$edith", "ledgers:get", "AUT-2002"},
			{"user, nobody", f.viewer, "lerian/nobody", "ledgers:get", "AUT-2002"},
			{"user, a role", f.viewer, "midaz-viewer-role", "ledgers:get", "AUT-2002"},
			{"user, an application", f.viewer, "$midaz", "ledgers:get", "AUT-2002"},
			{"user that may, a role", f.auditor, "midaz-viewer-role", "ledgers:get", "yes"},
			{"administrator, anybody", f.admin, "vera", "ledgers:get", "yes"},
			{"administrator, nobody", f.admin, "nobody", "ledgers:get", "AUT-1015"},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				decided(t, f.Server, f.ask(t, about(tt.sub, tt.what), tt.as), tt.want)
			})
		}
	})
}

// TestAuthorizeTokens: who shows no good token is told nothing.
func TestAuthorizeTokens(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		own := about("", "ledgers:get")
		header := func(value string) servertest.With { return servertest.Header("Authorization", value) }
		token := f.tokenOf(t, "vera")
		for _, tt := range []struct{ rule, header, want string }{
			{"bearer", "Bearer " + token, "yes"},
			{"bearer in another case", "bEARER " + token, "yes"},
			{"the token alone", token, "yes"},
			{"another scheme", "Basic " + token, "AUT-0006"},
			{"two words", token + " x", "AUT-0006"},
			{"scheme alone", "Bearer", "AUT-0006"},
			{"nothing", "", "AUT-0006"},
			{"no token", "a.b.c", "AUT-0007"},
			{"half a token", token[:len(token)-2], "AUT-0007"},
		} {
			t.Run(tt.rule, func(t *testing.T) { decided(t, f.Server, f.ask(t, own, header(tt.header)), tt.want) })
			if tt.want != "yes" {
				want(t, f.PostJSON(t, batchPath, batchOf(own), header(tt.header)), http.StatusUnauthorized, tt.want)
				want(t, f.Get(t, listPath, header(tt.header)), http.StatusUnauthorized, tt.want)
				want(t, f.Get(t, listPath+"/vera", header(tt.header)), http.StatusUnauthorized, tt.want)
			}
		}
		t.Run("revoked", func(t *testing.T) {
			ended := signIn(t, f.Server).Text("access_token")
			revoke(t, f.Server, ended)
			decided(t, f.Server, f.ask(t, own, header(ended)), "AUT-1003")
		})
		t.Run("a trailing slash changes nothing", func(t *testing.T) {
			for _, path := range []string{authorizePath + "/", authorizePath + "//"} {
				decided(t, f.Server, f.PostJSON(t, path, own, f.viewer), "yes")
			}
		})
		t.Run("a disabled user is permitted nothing", func(t *testing.T) {
			f.DisableUser(t, f.fill("$vera"))
			decided(t, f.Server, f.ask(t, own, f.viewer), "AUT-1003")
			decided(t, f.Server, f.ask(t, about("vera", "ledgers:get"), f.auditor), "no")
			if a := f.list(t, "/vera", f.auditor); string(a.Body) != "{}\n" {
				t.Errorf("permissions of a disabled user: %d %s", a.Status, a.Body)
			}
		})
		t.Run("a disabled application is permitted nothing", func(t *testing.T) {
			f.DisableApplication(t, f.fill("$midaz"), true)
			decided(t, f.Server, f.ask(t, own, f.midaz), "AUT-1003")
			decided(t, f.Server, f.ask(t, about("$midaz", "ledgers:get"), f.auditor), "no")
			decided(t, f.Server, f.ask(t, about("midaz-editor-role", "ledgers:get"), f.auditor), "yes")
		})
		t.Run("expired", func(t *testing.T) {
			f.Clock.Advance(2 * time.Hour)
			decided(t, f.Server, f.ask(t, own, header(token)), "AUT-0007")
		})
	})
}

// TestQuestions: what a body may be.
func TestQuestions(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		for _, tt := range []struct{ rule, body, want, field string }{
			{"null is absent", `{"resource":"ledgers","action":"get","sub":null,"product":null}`, "yes", ""},
			{"empty texts are absent", `{"resource":"ledgers","action":"get","sub":"","product":""}`, "yes", ""},
			{"no resource", `{"action":"get"}`, "AUT-0001", "resource"},
			{"empty action", `{"resource":"ledgers","action":""}`, "AUT-0001", "action"},
			{"nothing", `{}`, "AUT-0001", "resource"},
			{"field that is not known", `{"resource":"ledgers","action":"get","subject":"vera"}`, "AUT-0003", "subject"},
			{"field in another case", `{"Resource":"ledgers","action":"get"}`, "AUT-0003", "Resource"},
			{"number", `{"resource":7,"action":"get"}`, "AUT-0009", "resource"},
			{"list", `{"resource":"ledgers","action":["get"]}`, "AUT-0009", "action"},
			{"too long a resource", `{"resource":"` + strings.Repeat("x", 513) + `","action":"get"}`, "AUT-0009", "resource"},
			{"too long a subject", `{"resource":"x","action":"get","sub":"` + strings.Repeat("x", 513) + `"}`, "AUT-0009", "sub"},
			{"as long as it may be", `{"resource":"` + strings.Repeat("x", 512) + `","action":"get"}`, "no", ""},
			{"twice", `{"resource":"ledgers","resource":"ledgers","action":"get"}`, "AUT-0009", "resource"},
			{"no JSON", `resource=ledgers`, "AUT-0009", ""},
			{"a list of questions", `[]`, "AUT-0009", ""},
			{"no body", ``, "AUT-0009", ""},
			{"too large", `{"resource":"` + strings.Repeat("x", 1<<20) + `"}`, "AUT-2003", ""},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				a := f.ask(t, tt.body, f.viewer)
				decided(t, f.Server, a, tt.want)
				if _, named := a.Fields()[tt.field]; tt.field != "" && !named {
					t.Errorf("fields are %v, want %s", a.Fields(), tt.field)
				}
			})
		}
		t.Run("a form", func(t *testing.T) {
			a := f.Send(t, http.MethodPost, authorizePath, "application/x-www-form-urlencoded", []byte("resource=ledgers&action=get"), f.viewer)
			want(t, a, http.StatusUnsupportedMediaType, "AUT-2004")
		})
		for query, expected := range map[string]string{
			"?explain=false": "yes", "?explain=": "AUT-0004", "?explain=1": "AUT-0004", "?product=midaz": "AUT-0004", "?explain=false&explain=false": "AUT-0004", "?a=%zz": "AUT-0004",
		} {
			t.Run("query "+query, func(t *testing.T) {
				decided(t, f.Server, f.PostJSON(t, authorizePath+query, about("", "ledgers:get"), f.viewer), expected)
			})
		}
	})
}
