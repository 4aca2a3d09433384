package server_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/server/servertest"
)

// TestExplainDecision: who may ask about others is told what a decision follows from.
func TestExplainDecision(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		disabled := f.SomeUser(t, "daisy", "midaz-viewer-group")
		f.DisableUser(t, disabled)
		for _, tt := range []struct{ rule, sub, what, want string }{
			{
				"group and permission that allow it", "lerian/edith", "ledgers:delete",
				`{"subject":{"type":"user","id":"$edith","name":"edith"},"groups":["midaz-editor-group","midaz-fees-editor-group"],
				"group":"midaz-editor-group","permission":{"resource":"ledgers","action":"delete"}}`,
			},
			{
				"the permission as the group has it", "edith", "packages:burn",
				`{"subject":{"type":"user","id":"$edith","name":"edith"},"groups":["midaz-editor-group","midaz-fees-editor-group"],
				"group":"midaz-fees-editor-group","permission":{"resource":"packages","action":"*"}}`,
			},
			{
				"groups of the product alone", "edith", "packages:burn of midaz",
				`{"subject":{"type":"user","id":"$edith","name":"edith"},"groups":["midaz-editor-group"],
				"missing":"none of its groups permits \"packages:burn\": midaz-editor-group"}`,
			},
			{
				"a permission is missing", "vera", "ledgers:post",
				`{"subject":{"type":"user","id":"$vera","name":"Vera"},"groups":["midaz-viewer-group"],
				"missing":"none of its groups permits \"ledgers:post\": midaz-viewer-group"}`,
			},
			{
				"no group", "nina", "ledgers:get of midaz",
				`{"subject":{"type":"user","id":"$nina","name":"nina"},"groups":[],"missing":"it is in no group"}`,
			},
			{
				"no group of the product", "wanda", "ledgers:get of midaz",
				`{"subject":{"type":"user","id":"$wanda","name":"wanda"},"groups":[],"missing":"it is in no group of the product \"midaz\""}`,
			},
			{
				"no such product", "vera", "ledgers:get of mydas",
				`{"subject":{"type":"user","id":"$vera","name":"Vera"},"groups":[],"missing":"there is no product \"mydas\""}`,
			},
			{
				"a disabled user", "daisy", "ledgers:get",
				`{"subject":{"type":"user","id":"` + disabled + `","name":"daisy"},"groups":["midaz-viewer-group"],"missing":"the user is disabled"}`,
			},
			{
				"a role", "midaz-viewer-role", "ledgers:get",
				`{"subject":{"type":"role","id":"midaz-viewer-role"},"groups":["midaz-viewer-group"],
				"group":"midaz-viewer-group","permission":{"resource":"ledgers","action":"get"}}`,
			},
			{
				"an application", "$midaz", "accounts:get",
				`{"subject":{"type":"application","id":"$midaz","name":"midaz"},"groups":["midaz-editor-group"],
				"group":"midaz-editor-group","permission":{"resource":"accounts","action":"get"}}`,
			},
			{
				"an application whose product has no editors", f.MachineID, "accounts:get",
				`{"subject":{"type":"application","id":"` + f.MachineID + `","name":"machine"},"groups":[],"missing":"there is no group machine-editor-group"}`,
			},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				a := f.PostJSON(t, authorizePath+"?explain=true", f.fill(about(tt.sub, tt.what)), f.auditor)
				want(t, a, http.StatusOK, "")
				answerOf(t, f.Server, a)
				sameReason(t, a, f.fill(tt.want))

				batch := f.PostJSON(t, batchPath+"?explain=true", f.fill(batchOf(about(tt.sub, tt.what))), f.auditor)
				want(t, batch, http.StatusOK, "")
				first := batch.JSON["answers"].([]any)[0].(map[string]any)
				if diff := cmp.Diff(a.JSON["reason"], first["reason"]); diff != "" || first["authorized"] != a.JSON["authorized"] {
					t.Errorf("in a batch it is another (-one +batch):\n%s", diff)
				}
			})
		}
		t.Run("needs permissions:get", func(t *testing.T) {
			for _, as := range []servertest.With{f.viewer, f.midaz} {
				for path, body := range map[string]string{authorizePath: about("", "ledgers:get"), batchPath: batchOf(about("", "ledgers:get"))} {
					a := f.PostJSON(t, path+"?explain=true", body, as)
					want(t, a, http.StatusForbidden, "AUT-2002")
					if _, named := a.Fields()["explain"]; !named {
						t.Errorf("fields are %v, want explain", a.Fields())
					}
				}
			}
		})
		t.Run("is not told without being asked", func(t *testing.T) {
			for _, query := range []string{"", "?explain=false"} {
				if a := f.PostJSON(t, authorizePath+query, about("vera", "ledgers:get"), f.auditor); a.JSON["reason"] != nil {
					t.Errorf("%q: %s", query, a.Body)
				}
			}
		})
		t.Run("tells an application of its role", func(t *testing.T) {
			f.JoinGroup(t, f.admin, "auditors", f.ClientID)
			knowing := f.ActAsApplication(t, f.ClientID, f.ClientSecret)
			a := f.PostJSON(t, authorizePath+"?explain=true", about("midaz-editor-role", "ledgers:get"), knowing)
			want(t, a, http.StatusOK, "")
			sameReason(t, a, `{"subject":{"type":"role","id":"midaz-editor-role"},"groups":[],
				"missing":"an application has the role of its own product's editors and no other"}`)
		})
	})
}

// sameReason holds the reason of a decision to the one expected.
func sameReason(t *testing.T, a servertest.Answer, want string) {
	t.Helper()
	var reason any
	if err := json.Unmarshal([]byte(want), &reason); err != nil {
		t.Fatalf("%v: %s", err, want)
	}
	if diff := cmp.Diff(reason, a.JSON["reason"]); diff != "" {
		t.Errorf("reason (-want +got):\n%s", diff)
	}
}
