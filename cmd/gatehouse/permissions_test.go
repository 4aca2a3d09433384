package main_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/identity"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
	"gatehouse/storage/storagetest"
)

// Files that, one after the other, make everything happen to who may do what.
const (
	declaredBefore = `products:
  - name: shop
    groups:
      - {id: shop-viewer-group, name: Viewers, permissions: {orders: [get, head]}}
      - {id: shop-editor-group, name: Editors, permissions: {orders: [get, post], returns: [get]}}
  - name: stock
    groups:
      - {id: stock-editor-group, name: Stock, permissions: {"*": [get]}}
groups:
  - {id: clerks, name: Clerks, permissions: {orders: [post], refunds: [post]}}
applications:
  - {clientId: 00000000000000000001, name: shop, description: Stays}
  - {clientId: 00000000000000000002, name: shop, description: Is disabled}
  - {clientId: 00000000000000000003, name: stock, description: Is enabled, disabled: true}
  - {clientId: 00000000000000000004, name: stock, description: Goes with --prune}
users:
  - {username: stays, email: stays@example.com, groups: [shop-viewer-group]}
  - {username: moves, email: moves@example.com, groups: [shop-viewer-group, clerks]}
  - {username: leaves, email: leaves@example.com, groups: [shop-editor-group]}
  - {username: returns, email: returns@example.com, groups: [clerks], disabled: true}
  - {username: beside, email: beside@example.com, groups: [clerks]}
`
	declaredThen = `products:
  - name: shop
    groups:
      - {id: shop-viewer-group, name: Viewers, permissions: {orders: [get], returns: [get]}}
      - {id: shop-editor-group, name: Editors, permissions: {orders: ["*"]}}
      - {id: shop-contributor-group, name: Contributors, permissions: {orders: [patch]}}
applications:
  - {clientId: 00000000000000000001, name: shop, description: Stays}
  - {clientId: 00000000000000000002, name: shop, description: Is disabled, disabled: true}
  - {clientId: 00000000000000000003, name: stock, description: Is enabled, disabled: false}
  - {clientId: 00000000000000000005, name: shop, description: Comes}
  - {clientId: 00000000000000000006, name: shop, description: Comes disabled, disabled: true}
users:
  - {username: moves, email: moves@example.com, groups: [shop-contributor-group]}
  - {username: leaves, email: leaves@example.com, disabled: true}
  - {username: returns, email: returns@example.com, disabled: false, groups: [shop-editor-group]}
  - {username: comes, email: comes@example.com, groups: [shop-viewer-group]}
  - {username: waits, email: waits@example.com, groups: [shop-viewer-group], disabled: true}
`
)

// answered are the questions that anybody is answered with yes, as "subject resource:action".
func (a administration) answered(t *testing.T) map[string]bool {
	t.Helper()
	ctx := t.Context()
	policy, err := permissions.Stored{Store: a.store}.Policy(ctx)
	if err != nil {
		t.Fatal(err)
	}
	users, _, err := a.store.Users(ctx, identity.UserQuery{Page: identity.Page{Number: 1, Limit: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	apps, _, err := a.store.Applications(ctx, identity.Page{Number: 1, Limit: math.MaxInt32})
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string][]string{}
	for _, u := range users {
		if !u.Disabled {
			groups["user "+u.Username] = u.Groups
		}
	}
	for _, app := range apps {
		if !app.Disabled {
			groups["application "+app.ClientID] = []string{identity.EditorGroup(app.Name)}
		}
	}
	for _, product := range []string{"shop", "stock"} {
		for _, level := range []string{"viewer", "contributor", "editor"} {
			groups["role "+product+"-"+level+"-role"] = []string{product + "-" + level + "-group"}
		}
	}
	yes := map[string]bool{}
	for subject, ids := range groups {
		for _, resource := range []string{"orders", "returns", "refunds", "*"} {
			for _, action := range []string{"get", "head", "post", "patch", "*"} {
				if policy.Decide(ids, identity.Question{Resource: resource, Action: action}).Allowed {
					yes[fmt.Sprintf("%s %s:%s", subject, resource, action)] = true
				}
			}
		}
	}
	return yes
}

// diff runs gatehouse permissions diff and returns what it says would flip, as
// "+ user ada orders:get".
func (a administration) diff(t *testing.T, status int, args ...string) map[string]bool {
	t.Helper()
	out := a.command(append([]string{"permissions", "diff", "--json"}, args...)...).run(t)
	if out.status != status {
		t.Fatalf("diff %v: status %d, want %d\n%s%s", args, out.status, status, out.stdout, out.stderr)
	}
	var s wire.Simulation
	if err := json.Unmarshal([]byte(out.stdout), &s); err != nil {
		t.Fatal(err)
	}
	flips := map[string]bool{}
	for _, f := range s.Flips {
		sign := "-"
		if f.Allowed {
			sign = "+"
		}
		for kind, names := range map[string][]string{"user": f.Users, "role": f.Roles, "application": f.Applications} {
			for _, name := range names {
				flips[fmt.Sprintf("%s %s %s %s:%s", sign, kind, name, f.Resource, f.Action)] = true
			}
		}
		if f.UserCount != len(f.Users) {
			t.Errorf("%s:%s: %d users, named %v", f.Resource, f.Action, f.UserCount, f.Users)
		}
	}
	return flips
}

// told says whether a flip is among those that were told, by itself or by *.
func told(flips map[string]bool, flip string) bool {
	space := strings.LastIndexByte(flip, ' ') + 1
	who, resource, action := flip[:space], flip[space:strings.IndexByte(flip, ':')], flip[strings.IndexByte(flip, ':')+1:]
	return flips[flip] || flips[who+resource+":*"] || flips[who+"*:"+action] || flips[who+"*:*"]
}

// What diff says of a file is what is answered otherwise once it is applied.
func TestPermissionsDiffTellsWhatApplyDoes(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		first, next := write(t, "before.yaml", declaredBefore, 0o600), write(t, "then.yaml", declaredThen, 0o600)
		for _, args := range [][]string{{first}, {next}, {next, "--prune"}, {first, "--prune"}} {
			flips := a.diff(t, gatehouse.ExitDiffer, args...)
			before := a.answered(t)
			a.apply(t, gatehouse.ExitOK, args...)
			after := a.answered(t)
			flipped := map[string]bool{}
			for yes := range after {
				flipped["+ "+yes] = !before[yes]
			}
			for yes := range before {
				flipped["- "+yes] = !after[yes]
			}
			for flip, is := range flipped {
				if is && !told(flips, flip) {
					t.Errorf("%v flips %s, of which nothing was said", args, flip)
				}
			}
			for flip := range flips {
				if !flipped[flip] {
					t.Errorf("%v does not flip %s, as was said", args, flip)
				}
			}
			if again := a.diff(t, gatehouse.ExitOK, args...); len(again) > 0 {
				t.Errorf("%v, once applied, flips %v", args, again)
			}
		}
	})
}

// A file whose secrets others may read is warned of, as apply does.
func TestPermissionsDiffWarns(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		file := write(t, "open.yaml", strings.Replace(declared, "name: shop\n    description: Tells", "clientSecret: "+declaredSecret+"\n    name: shop\n    description: Tells", 1), 0o644)
		out := a.command("permissions", "diff", file).run(t)
		contains(t, out.stderr, "warning: ", "chmod 600")
		lacks(t, out.stdout+out.stderr, declaredSecret)
		if out.status != gatehouse.ExitDiffer {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitDiffer)
		}
	})
}

// apiOfGroups is a server that has so many groups and nothing else. It notes what
// it is asked to simulate, and finds that nothing would flip.
func apiOfGroups(t *testing.T, total int) (c command, simulated func() []map[string]any) {
	t.Helper()
	var proposed struct{ Groups []map[string]any }
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/v1/groups":
			var page, limit int
			_, _ = fmt.Sscan(r.URL.Query().Get("page")+" "+r.URL.Query().Get("limit"), &page, &limit)
			items := []wire.Group{}
			for i := (page - 1) * limit; i < min(page*limit, total); i++ {
				items = append(items, wire.Group{ID: fmt.Sprintf("group-%d", i), Name: "Group"})
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "page": page, "limit": limit, "total": total})
		case "/v1/permissions/simulate":
			_ = json.NewDecoder(r.Body).Decode(&proposed)
			_ = json.NewEncoder(w).Encode(wire.Simulation{Flips: []wire.Flip{}})
		default:
			fmt.Fprint(w, "[]")
		}
	})
	return command{args: []string{"permissions", "diff", "--server", url}, environ: []string{"GATEHOUSE_TOKEN=token"}},
		func() []map[string]any { return proposed.Groups }
}

// Over the API, only what differs is sent, once, and not more than it takes.
func TestPermissionsDiffOverTheAPI(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		total, differs int
		prune          bool
	}{{"groups that go, on three pages", 250, 250, true}, {"groups that stay", 250, 0, false}, {"as many as there may be", 1000, 1000, true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, simulated := apiOfGroups(t, tt.total)
			c.args = append(c.args, write(t, "file.yaml", "products: []\n", 0o600), fmt.Sprintf("--prune=%t", tt.prune))
			if printed := c.ok(t); printed != "Nothing would flip.\n" {
				t.Errorf("printed %q", printed)
			}
			groups := simulated()
			if len(groups) != tt.differs {
				t.Fatalf("%d groups were sent, want %d", len(groups), tt.differs)
			}
			for _, g := range groups {
				if g["deleted"] != true {
					t.Fatalf("sent %v, want it deleted", g)
				}
			}
		})
	}
	c, simulated := apiOfGroups(t, 1001)
	c.args = append(c.args, write(t, "file.yaml", "products: []\n", 0o600), "--prune")
	out := c.run(t)
	if out.status != gatehouse.ExitFailed || out.stdout != "" || simulated() != nil {
		t.Errorf("status %d, printed %q, simulated %d groups", out.status, out.stdout, len(simulated()))
	}
	contains(t, out.stderr, "1001 groups and 0 users differ", "without --server")
}

// Over the API, these permissions are enough, and needed.
func TestPermissionsOverTheAPINeed(t *testing.T) {
	t.Parallel()
	db := storagetest.Databases()[0]
	s := overAPI(t, db)
	file := write(t, "file.yaml", declared, 0o600)
	as := func(name string, permitted ...string) command {
		t.Helper()
		create := []string{"group", "create", name, "--name", name}
		for _, resource := range permitted {
			create = append(create, "--permission", resource+":get")
		}
		command{args: append(create, s.where...), environ: s.environ}.ok(t)
		command{args: append(createUser(name, "--group", name, "--password-stdin"), s.where...), environ: s.environ, stdin: "Cor-rect4horse"}.ok(t)
		return command{environ: []string{"GATEHOUSE_TOKEN=" + s.signIn(t, name, "Cor-rect4horse")}}
	}
	diff := append([]string{"permissions", "diff", file}, s.where...)
	check := append([]string{"permissions", "check", "admin", "ledgers", "get"}, s.where...)

	command{args: []string{"group", "create", "staff", "--name", "Staff", s.where[0], s.where[1]}, environ: s.environ}.ok(t)
	all := []string{"permissions", "groups", "products", "applications", "users"}
	reviewer := as("reviewer", all...)
	reviewer.args = diff
	if out := reviewer.run(t); out.status != gatehouse.ExitDiffer {
		t.Errorf("with all of them: status %d, want %d\n%s", out.status, gatehouse.ExitDiffer, out.stderr)
	}
	reviewer.args = check
	reviewer.ok(t)
	for i, resource := range all {
		without := as("without-"+resource, slices.Delete(slices.Clone(all), i, i+1)...)
		without.args = diff
		out := without.run(t)
		if out.status != gatehouse.ExitFailed {
			t.Errorf("without %s:get: status %d, want %d", resource, out.status, gatehouse.ExitFailed)
		}
		contains(t, out.stderr, resource+":get")
	}
}

// What the API does not tell in full is not taken for all there is.
func TestPermissionsDiffTruncated(t *testing.T) {
	t.Parallel()
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/v1/permissions/simulate" {
			fmt.Fprint(w, "[]")
			return
		}
		_ = json.NewEncoder(w).Encode(wire.Simulation{Truncated: true, Flips: []wire.Flip{{
			Resource: "orders\x1b[2J", Action: "get", Allowed: true, UserCount: 200, Users: strings.Split(strings.Repeat("u", 100), ""),
		}}})
	})
	file := write(t, "file.yaml", "groups: [{id: clerks, name: Clerks, permissions: {orders: [get]}}]\n", 0o600)
	out := command{args: []string{"permissions", "diff", file, "--server", url}, environ: []string{"GATEHOUSE_TOKEN=token"}}.run(t)
	if out.status != gatehouse.ExitDiffer {
		t.Errorf("status %d, want %d", out.status, gatehouse.ExitDiffer)
	}
	contains(t, out.stdout, "200 users: u, u, u, u, u, u, u, u, u, u and 190 more\n", "… and more", "orders\ufffd[2J:get")
}
