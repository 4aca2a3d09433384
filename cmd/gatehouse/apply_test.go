package main_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/errors"
)

const (
	declaredID     = "5b0c7e1f9a3d48620e7a"
	declaredSecret = "5f1c0d9b7a3e48620e7a5b0c7e1f9a3d48620e7a"
)

// declared is a file that declares one of each kind.
const declared = `products:
  - name: shop
    description: Orders
groups:
  - id: shop-viewer-group
    name: Shop, viewers
    permissions: {orders: [get, head]}
applications:
  - clientId: ` + declaredID + `
    name: shop
    description: Tells what was ordered
users:
  - {username: ada, email: ada@example.com, groups: [shop-viewer-group]}
`

// applied is what apply --json prints.
type applied struct {
	DryRun  bool
	Changes []struct {
		Action, Kind, Name string
		Fields             []struct {
			Name          string
			Before, After any
		}
	}
	Made []struct{ Kind, Name, Field, Value string }
}

// golden compares what was printed with a golden file, what was made up left out.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = regexp.MustCompile(`(clientSecret|password)( +)\S{20,}`).ReplaceAllString(got, "$1$2[made up]")
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

// apply runs gatehouse apply, which must end with a status.
func (a administration) apply(t *testing.T, status int, args ...string) outcome {
	t.Helper()
	out := a.command(append([]string{"apply"}, args...)...).run(t)
	if out.status != status {
		t.Fatalf("apply %v: status %d, want %d\n%s%s", args, out.status, status, out.stdout, out.stderr)
	}
	return out
}

// What apply prints, and its exit status, from an empty database to a pruned one.
func TestApply(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		first := write(t, "first.yaml", declared, 0o600)
		next := write(t, "next.yaml", strings.NewReplacer(
			"Orders", "Orders and returns", "[get, head]", "[get], returns: [get]", "viewers\n", "viewers\n    metadata: {team: sales}\n",
			"description: Tells what was ordered", "clientSecret: "+declaredSecret, "groups: [shop-viewer-group]", "firstName: Ada",
		).Replace(declared)+"  - {username: bob, email: bob@example.com}\n", 0o600)
		none := write(t, "none.yaml", "products: []\n", 0o600)

		a.apply(t, gatehouse.ExitOK, none, "--prune")
		planned := a.apply(t, gatehouse.ExitDiffer, first, "--dry-run")
		golden(t, "apply-plan", planned.stdout)
		golden(t, "apply-create", a.apply(t, gatehouse.ExitOK, first).stdout)
		golden(t, "apply-nothing", a.apply(t, gatehouse.ExitOK, first).stdout)
		golden(t, "apply-nothing", a.apply(t, gatehouse.ExitOK, first, "--dry-run", "--prune").stdout)
		out := a.apply(t, gatehouse.ExitOK, next)
		golden(t, "apply-update", out.stdout)
		lacks(t, out.stdout+out.stderr, declaredSecret)
		a.apply(t, gatehouse.ExitOK, none)
		golden(t, "apply-delete", a.apply(t, gatehouse.ExitOK, none, "--prune").stdout)
		if planned.stderr != "" || out.stderr != "" {
			t.Errorf("standard error: %s%s", planned.stderr, out.stderr)
		}
	})
}

func TestApplyJSON(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		file := write(t, "file.yaml", declared, 0o600)
		var plan, done, again applied
		out := a.apply(t, gatehouse.ExitDiffer, file, "--dry-run", "--json")
		if err := json.Unmarshal([]byte(out.stdout), &plan); err != nil {
			t.Fatal(err)
		}
		a.command("apply", file).json(t, &done)
		a.command("apply", file).json(t, &again)
		if diff := cmp.Diff(plan.Changes, done.Changes); diff != "" || !plan.DryRun || len(plan.Made) != 0 {
			t.Errorf("planned and done differ (-planned +done):\n%s%+v", diff, plan)
		}
		if len(done.Changes) != 4 || len(done.Made) != 2 || done.Made[0].Name != declaredID || len(done.Made[0].Value) != 40 || done.DryRun {
			t.Errorf("done: %+v", done)
		}
		if len(again.Changes) != 0 || len(again.Made) != 0 {
			t.Errorf("again: %+v", again)
		}
	})
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		file := func(content string) string { return write(t, "file.yaml", content, 0o600) }
		for _, tt := range []struct {
			name   string
			args   []string
			status int
			want   []string
		}{
			{"no file", nil, gatehouse.ExitUsage, []string{"accepts 1 arg"}},
			{"missing file", []string{"missing.yaml"}, gatehouse.ExitUsage, []string{"missing.yaml is not right yet", "cannot be read: no such file"}},
			{"two mistakes", []string{file("groups:\n  - id: a\n    nam: A\nusrs: []\n")}, gatehouse.ExitUsage, []string{
				"groups[0].name (line 2): is required", "groups[0].nam (line 3): is not a field here; did you mean name?", "usrs (line 4): is not a field here; did you mean users?",
			}},
			{"a group that is not there", []string{file("users: [{username: ada, email: ada@example.com, groups: [admin-gruop]}]"), "--dry-run"}, gatehouse.ExitUsage, []string{
				"users[0].groups (line 1): admin-gruop is no group", "did you mean admin-group?",
			}},
			{"very many mistakes", []string{file("groups:\n" + strings.Repeat("  - {id: A}\n", 200))}, gatehouse.ExitUsage, []string{"and 499 more"}},
			{"against the rules", []string{file("users:\n  - {username: ada, email: ada@example.com, groups: []}\n")}, gatehouse.ExitFailed, []string{
				"update user ada, which users[0] (line 2) asks for: " + errors.Protected.Title, "ada is the last enabled member of admin-group",
			}},
		} {
			if tt.status == gatehouse.ExitFailed {
				a.apply(t, gatehouse.ExitOK, file("users: [{username: ada, email: ada@example.com, groups: [admin-group]}]"))
			}
			out := a.apply(t, tt.status, tt.args...)
			if out.stdout != "" {
				t.Errorf("%s: printed %s", tt.name, out.stdout)
			}
			contains(t, out.stderr, tt.want...)
		}
		out := a.apply(t, gatehouse.ExitOK, write(t, "open.yaml", "products: [{name: shop}]\napplications: [{clientId: a, name: shop, clientSecret: "+declaredSecret+"}]", 0o644))
		contains(t, out.stderr, "warning: applications[0].clientSecret (line 2): everyone on this machine may read open.yaml")
		lacks(t, out.stdout+out.stderr, declaredSecret)
	})
}

// token asks for a token of an application.
func (s *server) token(t *testing.T, clientID, secret string) int {
	t.Helper()
	status, _ := s.post(t, "/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}})
	return status
}

// A server applies its file before it answers, and never twice.
func TestServeBootstrap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "client-secret"), []byte(declaredSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "shop.yaml")
	content := strings.Replace(declared, "description: Tells what was ordered", "clientSecretFile: client-secret", 1)
	content = content[:strings.Index(content, "users:")]
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	environ := []string{"GATEHOUSE_MASTER_SECRET=" + secret, "GATEHOUSE_ISSUER=http://localhost:4000"}
	data := filepath.Join(dir, "data")

	s := serve(t, environ, "--data-dir", data, "--bootstrap", file)
	if status := s.token(t, declaredID, declaredSecret); status != 200 {
		t.Errorf("status %d of a token for the declared application", status)
	}
	if lines := strings.Count(s.stderr.String(), `"msg":"bootstrap"`); lines != 3 {
		t.Errorf("%d changes are logged, want 3:\n%s", lines, s.stderr)
	}
	contains(t, s.stderr.String(), `"action":"create"`, `"kind":"group"`, `"name":"shop-viewer-group"`, `"file":"shop.yaml"`)
	lacks(t, s.stderr.String()+s.stdout.String(), declaredSecret)
	s.stop(t)

	s = serve(t, append(environ, "GATEHOUSE_BOOTSTRAP="+file), "--data-dir", data)
	lacks(t, s.stderr.String(), `"msg":"bootstrap"`)
	if status := s.token(t, declaredID, declaredSecret); status != 200 {
		t.Errorf("status %d of a token for the declared application after the second start", status)
	}
}

// With --dev, what is made up is printed, beside what the first start made up.
func TestServeDevBootstrap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, nil, "--dev", "--data-dir", dir, "--bootstrap", write(t, "file.yaml", declared, 0o644))
	made := regexp.MustCompile(`(?m)^  application (\S+) +clientSecret +(\S+)$`).FindStringSubmatch(s.stdout.String())
	if made == nil {
		t.Fatalf("no secret is printed:\n%s", s.stdout)
	}
	if status := s.token(t, made[1], made[2]); status != 200 || made[1] != declaredID {
		t.Errorf("status %d of a token for %s", status, made[1])
	}
	first := readFirstStart(t, dir)
	if status := s.token(t, first.Application.ClientID, first.Application.ClientSecret); status != 200 {
		t.Errorf("status %d of a token for the application of the first start", status)
	}
	lacks(t, s.stderr.String(), made[2])
}

func TestServeBootstrapRefuses(t *testing.T) {
	t.Parallel()
	environ := []string{"GATEHOUSE_MASTER_SECRET=" + secret, "GATEHOUSE_ISSUER=http://localhost:4000"}
	app := "products: [{name: shop}]\napplications: [{clientId: a, name: shop"
	for _, tt := range []struct {
		name, content string
		check         bool // config --check knows it, too
		want          []string
	}{
		{"a mistake", "groups: [{id: a}]", true, []string{"groups[0].name (line 1): is required"}},
		{"a secret open to all", app + ", clientSecret: " + declaredSecret + "}]", true, []string{"applications[0].clientSecret (line 2): everyone on this machine may read file.yaml"}},
		{"nobody to show a secret to", app + "}]", false, []string{"applications[0].clientSecret (line 2): is not given, and there is nobody to show one to"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			flags := []string{"--listen", "127.0.0.1:0", "--data-dir", t.TempDir(), "--bootstrap", write(t, "file.yaml", tt.content, 0o644)}
			out := command{args: append([]string{"serve"}, flags...), environ: environ}.run(t)
			if out.status != gatehouse.ExitUsage {
				t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
			}
			contains(t, out.stderr, tt.want...)
			out = command{args: append([]string{"config", "--check"}, flags...), environ: environ}.run(t)
			if (out.status == gatehouse.ExitUsage) != tt.check {
				t.Errorf("config --check: status %d\n%s", out.status, out.stderr)
			}
		})
	}
}

// Nodes that start at once on one database all start.
func TestServeBootstrapAtOnce(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		file := write(t, "file.yaml", strings.Replace(declared[:strings.Index(declared, "users:")], "description: Tells what was ordered", "clientSecret: "+declaredSecret, 1), 0o600)
		environ := append(slices.Clone(a.environ), "GATEHOUSE_ISSUER=http://localhost:4000", "GATEHOUSE_BOOTSTRAP="+file)
		nodes := make([]*server, 3)
		for i := range nodes {
			nodes[i] = launch(t, environ, "--data-dir", t.TempDir())
		}
		changes := 0
		for _, node := range nodes {
			node.wait(t)
			changes += strings.Count(node.stderr.String(), `"msg":"bootstrap"`)
		}
		if changes != 3 {
			t.Errorf("%d changes are logged by all nodes, want 3", changes)
		}
	})
}
