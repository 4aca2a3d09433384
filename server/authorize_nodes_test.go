package server_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"gatehouse/server/servertest"
)

// TestPermissionsChangeAtOnce: whatever a decision depends on acts on the node
// that changes it at once and on another, which has everything cached, within a
// second.
func TestPermissionsChangeAtOnce(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		b := f.another(t)
		may := func(node *servertest.Server, sub, what string) bool {
			return answerOf(t, node, node.PostJSON(t, authorizePath, about(sub, what), f.auditor))
		}
		change := func(method, path, body string) func() {
			return func() {
				var content any
				if body != "" {
					content = body
				}
				if a := f.JSON(t, method, f.fill(path), content, f.admin); a.Status >= 300 {
					t.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
				}
			}
		}
		for _, tt := range []struct {
			what, sub, permission string
			before                bool
			change                func()
		}{
			{"a permission is taken from a group", "vera", "ledgers:head", true, change(http.MethodPatch, "/v1/groups/midaz-viewer-group", `{"permissions":{"ledgers":["get"]}}`)},
			{"a permission is given to a group", "vera", "ledgers:count", false, change(http.MethodPatch, "/v1/groups/midaz-viewer-group", `{"permissions":{"ledgers":["get","count"]}}`)},
			{"which its role has too", "midaz-viewer-role", "ledgers:sum", false, change(http.MethodPatch, "/v1/groups/midaz-viewer-group", `{"permissions":{"ledgers":["get","sum"]}}`)},
			{"an application's role gets a permission", f.fill("$midaz"), "balances:get", false, change(http.MethodPatch, "/v1/groups/midaz-editor-group", `{"permissions":{"balances":["get"]}}`)},
			{"a user enters a group", "nina", "ledgers:get", false, change(http.MethodPut, "/v1/groups/midaz-viewer-group/members/$nina", "")},
			{"a user leaves a group", "nina", "ledgers:get", true, change(http.MethodDelete, "/v1/groups/midaz-viewer-group/members/$nina", "")},
			{"a user's groups are replaced", "wanda", "balances:get of midaz", false, change(http.MethodPatch, "/v1/users/$wanda", `{"groups":["midaz-editor-group"]}`)},
			{"a user is disabled", "wanda", "balances:get", true, change(http.MethodPatch, "/v1/users/$wanda", `{"disabled":true}`)},
			{"a user is enabled", "wanda", "balances:get", false, change(http.MethodPatch, "/v1/users/$wanda", `{"disabled":false}`)},
			{"a group of a product is created", "edith", "packages:get of midaz", false, func() {
				change(http.MethodPost, "/v1/groups", `{"id":"more","name":"More","product":"midaz","permissions":{"packages":["get"]}}`)()
				change(http.MethodPut, "/v1/groups/more/members/$edith", "")()
			}},
			{"it moves to another product", "edith", "packages:get of midaz", true, func() {
				change(http.MethodPost, "/v1/products", `{"name":"midaz-more"}`)()
				change(http.MethodPatch, "/v1/groups/more", `{"product":"midaz-more"}`)()
			}},
			{"it comes back", "edith", "packages:get of midaz", false, change(http.MethodPatch, "/v1/groups/more", `{"product":"midaz"}`)},
			{"a group is deleted", "edith", "packages:get of midaz", true, change(http.MethodDelete, "/v1/groups/more", "")},
		} {
			for _, node := range []*servertest.Server{f.Server, b} {
				within(t, time.Second, tt.what+": it is not as it was", func() bool { return may(node, tt.sub, tt.permission) == tt.before })
			}
			tt.change()
			if may(f.Server, tt.sub, tt.permission) == tt.before {
				t.Errorf("%s: the same node does not know", tt.what)
			}
			within(t, time.Second, tt.what+": the other node does not know", func() bool { return may(b, tt.sub, tt.permission) != tt.before })
		}
		t.Run("a user is deleted, and another has the name", func(t *testing.T) {
			change(http.MethodDelete, "/v1/users/$wanda", "")()
			gone := func(node *servertest.Server) bool {
				return node.PostJSON(t, authorizePath, about("wanda", "balances:get"), f.auditor).Code() == "AUT-1015"
			}
			if !gone(f.Server) {
				t.Error("the same node does not know")
			}
			within(t, time.Second, "the other node does not know", func() bool { return gone(b) })
			f.SomeUser(t, "wanda", "midaz-viewer-group")
			for _, node := range []*servertest.Server{f.Server, b} {
				if !may(node, "wanda", "ledgers:get") || may(node, "wanda", "balances:get") {
					t.Error("the name is still the old user's, or nobody's")
				}
			}
		})
		t.Run("an application is disabled", func(t *testing.T) {
			f.DisableApplication(t, f.fill("$fees"), true)
			if may(f.Server, f.fill("$fees"), "packages:get") {
				t.Error("the same node does not know")
			}
			within(t, time.Second, "the other node does not know", func() bool { return !may(b, f.fill("$fees"), "packages:get") })
		})
		t.Run("a batch knows at once, on every node", func(t *testing.T) {
			for i := range 20 {
				has := i%2 == 0
				if err := f.Store.InTx(t.Context(), func(ctx context.Context) error { return f.permit(ctx, "midaz-viewer-group", has) }); err != nil {
					t.Fatal(err)
				}
				for _, node := range []*servertest.Server{b, f.Server} {
					got := outcomes(t, node.PostJSON(t, batchPath, batchOf(about("vera", "levers:pull")), f.auditor))
					if got[0] == "yes" != has {
						t.Fatalf("change %d is not known: %v", i, got)
					}
				}
			}
		})
	})
}
