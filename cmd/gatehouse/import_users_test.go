package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/identity/transfer"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// imported is the outcome of an import as --json prints it.
type imported struct {
	DryRun                                      bool
	Lines, Created, Updated, Unchanged, Refused int
	Refusals                                    []transfer.RefusedLine
}

const staff = `{"username":"ada","email":"ada@example.com","password":"Analytical+Engine1"}
{"username":"b","email":"bob@example.com"}
{"username":"bob","email":"bob@example.com"}
`

func TestImportUsers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		file, report := write(t, "staff.ndjson", staff, 0o600), filepath.Join(t.TempDir(), "refused.ndjson")
		dry := a.command("import", "users", file, "--dry-run", "--json").run(t)
		var view imported
		if err := json.Unmarshal([]byte(dry.stdout), &view); err != nil {
			t.Fatal(err)
		}
		if dry.status != gatehouse.ExitFailed || !view.DryRun || view.Created != 2 || view.Refused != 1 || len(view.Refusals) != 1 || view.Refusals[0].Line != 2 {
			t.Errorf("dry run: status %d, %+v", dry.status, view)
		}
		out := a.command("import", "users", file, "--report", report).run(t)
		if out.status != gatehouse.ExitFailed {
			t.Errorf("status %d", out.status)
		}
		contains(t, out.stdout, "lines      3\ncreated    2\nupdated    0\nunchanged  0\nrefused    1\n", "line 2  IDE-0007 Bad Request: username must have 3 to 255")
		lacks(t, out.stdout, "dry run", " more; ")
		if out.stderr != "gatehouse: 1 of 3 lines were refused\n" {
			t.Errorf("printed %q", out.stderr)
		}
		told, err := os.ReadFile(report)
		if err != nil {
			t.Fatal(err)
		}
		var refused transfer.RefusedLine
		if err := json.Unmarshal(told, &refused); err != nil || refused.Line != 2 || refused.Code != "IDE-0007" || refused.Fields["username"] == "" {
			t.Errorf("report %s, %v", told, err)
		}
		if info, err := os.Stat(report); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		again := a.command("import", "users", "-", "--format", "ndjson", "--key", "email")
		again.stdin = strings.Join(strings.SplitAfter(staff, "\n")[2:], "")
		contains(t, again.ok(t), "unchanged  1\nrefused    0\n")
		ada, err := a.store.UserByUsername(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := passwords.Verify(t.Context(), ada.PasswordHash, "Analytical+Engine1"); err != nil || !ok {
			t.Errorf("ada cannot sign in: %v", err)
		}
		events, err := a.store.AuditEvents(t.Context(), storage.AuditQuery{Subject: ada.ID, Limit: 10})
		if err != nil || len(events) != 1 || events[0].ActorType != "command" || events[0].ActorName == "" {
			t.Errorf("events %+v, %v", events, err)
		}
	})
}

func TestImportUsersListsTheFirst(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		file := write(t, "bad.ndjson", strings.Repeat("{}\n", 1500), 0o600)
		out := a.command("import", "users", file).run(t)
		if n := strings.Count(out.stdout, "\nline "); n != 20 {
			t.Errorf("%d refused lines are listed", n)
		}
		contains(t, out.stdout, "and 1480 more; --report FILE has them all\n")
		contains(t, out.stderr, "1500 of 1500 lines were refused")
	})
}

func TestImportUsersMisused(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		file := write(t, "staff.csv", "username,shoe size\nada,38\n", 0o600)
		for _, tt := range []struct {
			args   []string
			status int
			want   string
		}{
			{nil, gatehouse.ExitUsage, "accepts 1 arg"},
			{[]string{"nowhere.csv"}, gatehouse.ExitUsage, "there is no file nowhere.csv"},
			{[]string{file, "--format", "xml"}, gatehouse.ExitUsage, "--format xml is not auto, ndjson or csv"},
			{[]string{file, "--key", "name"}, gatehouse.ExitUsage, "--key name is not username or email"},
			{[]string{file}, gatehouse.ExitFailed, "shoe size: is not a column of users"},
			{[]string{file, "--report", filepath.Dir(file)}, gatehouse.ExitFailed, "open the report"},
		} {
			out := a.command(append([]string{"import", "users"}, tt.args...)...).run(t)
			if out.status != tt.status {
				t.Errorf("%v: status %d, want %d", tt.args, out.status, tt.status)
			}
			contains(t, out.stderr, tt.want)
		}
	})
}

// An import that is killed goes on behind what it had committed: each line is
// counted once, and so is each that is refused.
func TestImportUsersGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	const users = 20_000
	var lines strings.Builder
	for n := range users {
		if n%1000 == 500 {
			lines.WriteString("no user\n")
		}
		fmt.Fprintf(&lines, `{"username":"user-%d","email":"user-%d@example.com","firstName":"First","lastName":"Last %d"}`+"\n", n, n, n%97)
	}
	file := write(t, "many.ndjson", lines.String(), 0o600)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	eachDatabase(t, func(t *testing.T, a administration) {
		report := filepath.Join(t.TempDir(), "refused.ndjson")
		line := []string{"import", "users", file, "--report", report, "--json"}
		kills := 0
		for range 2 {
			cmd := exec.Command(path, line...)
			cmd.Env = append(os.Environ(), a.environ...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForUsers(t, a.store, 3000*(kills+1))
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if cmd.Wait() != nil { // it was killed before it was done
				kills++
			}
		}
		before, err := a.store.Counts(t.Context())
		if err != nil || kills != 2 || before.Users >= users {
			t.Fatalf("%d kills, %d users, %v", kills, before.Users, err)
		}
		out := a.command(line...).run(t)
		contains(t, out.stderr, "was imported up to line", "goes on behind it", "20 of 20020 lines were refused")
		var view imported
		if err := json.Unmarshal([]byte(out.stdout), &view); err != nil {
			t.Fatal(err)
		}
		if view.Lines != users+20 || view.Created != users || view.Updated+view.Unchanged != 0 || view.Refused != 20 {
			t.Errorf("counts %+v", view)
		}
		after, err := a.store.Counts(t.Context())
		if err != nil || after.Users != users {
			t.Errorf("%d users, %v", after.Users, err)
		}
		told, err := os.ReadFile(report)
		if err != nil || bytes.Count(told, []byte("\n")) != 20 || !bytes.Contains(told, []byte(`{"line":19520,`)) {
			t.Errorf("report %s, %v", told, err)
		}
		again := a.command(line...).run(t)
		lacks(t, again.stderr, "goes on behind it")
		if err := json.Unmarshal([]byte(again.stdout), &view); err != nil || view.Unchanged != users || view.Created != 0 {
			t.Errorf("again: %+v, %v", view, err)
		}
	})
}

// waitForUsers waits until so many are stored.
func waitForUsers(t *testing.T, s *sqlstore.Store, n int) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		counts, err := s.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if counts.Users >= n {
			return
		}
	}
	t.Fatalf("there are no %d users after two minutes", n)
}

func TestExportUsers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		a.command("import", "users", write(t, "staff.csv", "username,email,firstName,password\nada,ada@example.com,\"=1+1,\"\"x\"\"\",Analytical+Engine1\n", 0o600)).ok(t)
		contains(t, a.command("export", "users").ok(t), "id,username,email,", `,ada,ada@example.com,false,"'=1+1,""x""",`)
		path := filepath.Join(t.TempDir(), "users.ndjson")
		contains(t, a.command("export", "users", "--format", "ndjson", "--with-hashes", "--output", path).ok(t), "users  1\n")
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		other := administration{store: nil, environ: []string{"GATEHOUSE_DATABASE_DSN=" + storagetest.SQLite(t)}}
		contains(t, other.command("import", "users", path).ok(t), "created    1\n")
		var ada user
		other.command("user", "show", "ada").json(t, &ada)
		if ada.FirstName != `=1+1,"x"` {
			t.Errorf("ada is %+v", ada)
		}
		a.command("export", "users", "--output", os.DevNull).ok(t)
		if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeDevice == 0 {
			t.Fatalf("%s is %v, %v", os.DevNull, info.Mode(), err)
		}
		out := a.command("export", "users", "--format", "xml").run(t)
		if out.status != gatehouse.ExitUsage {
			t.Errorf("status %d", out.status)
		}
	})
}
