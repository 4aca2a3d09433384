package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/server/servertest"
)

// permitted reads a list of permissions.
func permitted(t *testing.T, a servertest.Answer) map[string][]string {
	t.Helper()
	want(t, a, http.StatusOK, "")
	var list map[string][]string
	if err := json.Unmarshal(a.Body, &list); err != nil || list == nil {
		t.Fatalf("no list of permissions: %s (%v)", a.Body, err)
	}
	return list
}

// TestPermissions: what a subject may do, in all forms of the address.
func TestPermissions(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		viewer := map[string][]string{"ledgers": {"get", "head"}}
		midaz := map[string][]string{"ledgers": {"delete", "get", "head", "patch", "post"}, "accounts": {"get", "head"}}
		fees := map[string][]string{"packages": {"*"}, "midaz": {"get"}}
		both := map[string][]string{"ledgers": midaz["ledgers"], "accounts": midaz["accounts"], "packages": {"*"}, "midaz": {"get"}}
		none := map[string][]string{}
		for _, tt := range []struct {
			rule, path string
			as         servertest.With
			want       map[string][]string
		}{
			{"own", "", f.viewer, viewer},
			{"own, trailing slash", "/", f.viewer, viewer},
			{"own, several groups", "", f.editor, both},
			{"own, of a product", "?product=midaz", f.editor, midaz},
			{"own, of the product with the longer name", "?product=midaz-fees", f.editor, fees},
			{"own, trailing slash and product", "/?product=midaz-fees", f.editor, fees},
			{"own, of a product that is not registered", "?product=nothing", f.editor, none},
			{"own, empty product", "?product=", f.viewer, viewer},
			{"own, by username", "/VERA", f.viewer, viewer},
			{"own, by id", "/$vera", f.viewer, viewer},
			{"own, by owner and id", "/lerian/$vera", f.viewer, viewer},
			{"an application's own", "", f.midaz, midaz},
			{"an application's own, by client id", "/$midaz", f.midaz, midaz},
			{"an application's role", "/admin/midaz-editor-role", f.midaz, midaz},
			{"another product's role, for an application", "/admin/midaz-fees-editor-role", f.midaz, none},
			{"an application without a group of editors", "", f.ActAsApplication(t, f.MachineID, f.MachineSecret), none},
			{"a user in no group", "/nina", f.auditor, none},
			{"by username", "/vera", f.auditor, viewer},
			{"by username, trailing slash", "/vera/", f.auditor, viewer},
			{"by owner and username", "/lerian/edith?product=midaz", f.auditor, midaz},
			{"by owner and username, trailing slash", "/lerian/edith/?product=midaz", f.auditor, midaz},
			{"escaped slash", "/lerian%2Fvera", f.auditor, viewer},
			{"escaped slash in lower case", "/lerian%2fvera", f.auditor, viewer},
			{"escaped slash and trailing slash", "/lerian%2F$vera/", f.auditor, viewer},
			{"escaped letters", "/v%65ra", f.auditor, viewer},
			{"owner with a space", "/some%20body/vera", f.auditor, viewer},
			{"owner with a plus", "/some+body/vera", f.auditor, viewer},
			{"a role", "/midaz-viewer-role", f.auditor, viewer},
			{"any owner and a role", "/%C3%BC/midaz-viewer-role", f.auditor, viewer},
			{"the administrators' role", "/admin/admin", f.auditor, map[string][]string{"*": {"*"}}},
			{"the same, escaped", "/admin%2Fadmin", f.auditor, map[string][]string{"*": {"*"}}},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				if diff := cmp.Diff(tt.want, permitted(t, f.list(t, tt.path, tt.as))); diff != "" {
					t.Errorf("permissions (-want +got):\n%s", diff)
				}
			})
		}
		for _, tt := range []struct {
			rule, path string
			as         servertest.With
			want       string
		}{
			{"another user without permissions:get", "/edith", f.viewer, "AUT-2002"},
			{"nobody without permissions:get", "/nobody", f.viewer, "AUT-2002"},
			{"a user for an application", "/lerian%2Fvera", f.midaz, "AUT-2002"},
			{"nobody", "/nobody", f.auditor, "AUT-1015"},
			{"owner and nobody", "/lerian/nobody", f.auditor, "AUT-1015"},
			{"admin, who is nobody", "/admin", f.auditor, "AUT-1015"},
			{"owner and admin", "/lerian/admin", f.auditor, "AUT-1015"},
			{"a slash twice escaped is a name", "/lerian%252Fvera", f.auditor, "AUT-1015"},
			{"a name with a slash", "/lerian/a%2Fb", f.auditor, "AUT-1015"},
			{"empty owner", "//vera", f.auditor, "AUT-2005"},
			{"escaped NUL", "/vera%00", f.auditor, "AUT-1015"},
			{"three parts", "/lerian/vera/x", f.auditor, "AUT-2005"},
			{"too long", "/" + strings.Repeat("x", 513), f.auditor, "AUT-0002"},
			{"too long with its owner", "/" + strings.Repeat("x", 508) + "/vera", f.auditor, "AUT-0002"},
			{"not text", "/%ff", f.auditor, "AUT-1015"},
			{"a parameter that is not known", "?sub=vera", f.viewer, "AUT-0004"},
			{"a parameter that is not known, about a subject", "/vera?explain=true", f.auditor, "AUT-0004"},
			{"a parameter twice", "?product=midaz&product=midaz", f.viewer, "AUT-0004"},
			{"too long a product", "?product=" + strings.Repeat("x", 256), f.viewer, "AUT-0004"},
			{"not text in a parameter", "?product=%ff", f.viewer, "AUT-0004"},
		} {
			t.Run(tt.rule, func(t *testing.T) { want(t, f.list(t, tt.path, tt.as), statuses[tt.want], tt.want) })
		}
		t.Run("the list and the decisions agree", func(t *testing.T) {
			for _, sub := range []string{"vera", "edith", "wanda", "nina", "midaz-contributor-role", "admin/admin", f.fill("$fees")} {
				for _, product := range []string{"", "midaz", "midaz-fees"} {
					list := permitted(t, f.list(t, "/"+sub+"?product="+url.QueryEscape(product), f.auditor))
					for resource, actions := range list {
						for _, action := range actions {
							decided(t, f.Server, f.ask(t, about(sub, resource+":"+action+" of "+product), f.auditor), "yes")
						}
						burnt := answerOf(t, f.Server, f.ask(t, about(sub, resource+":burn of "+product), f.auditor))
						if burnt != slices.Contains(actions, "*") {
							t.Errorf("%s may burn %s: %v, and the list has %v", sub, resource, burnt, actions)
						}
					}
				}
			}
		})
		t.Run("HEAD", func(t *testing.T) {
			if a := f.Send(t, http.MethodHead, listPath, "", nil, f.viewer); a.Status != http.StatusOK || len(a.Body) > 0 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	})
}
