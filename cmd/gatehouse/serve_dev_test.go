package main_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	gatehouse "gatehouse/cmd/gatehouse"
)

// firstStart is dev-credentials.json.
type firstStart struct {
	Issuer      string
	Admin       struct{ Username, Password string }
	Application struct{ ClientID, ClientSecret string }
}

func readFirstStart(t *testing.T, dir string) firstStart {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "dev-credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	var f firstStart
	if err := json.Unmarshal(content, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestServeDevFirstStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := serve(t, nil, "--dev", "--data-dir", dir)
	f := readFirstStart(t, dir)
	if want := "http://" + s.address; f.Issuer != want {
		t.Errorf("issuer %s, want %s", f.Issuer, want)
	}
	contains(t, s.stdout.String(), f.Issuer, f.Admin.Username, f.Admin.Password, f.Application.ClientID, f.Application.ClientSecret, dir+"/dev-credentials.json")
	lacks(t, s.stderr.String(), f.Admin.Password, f.Application.ClientSecret)
	if status := s.stop(t); status != gatehouse.ExitOK {
		t.Errorf("status %d, want %d", status, gatehouse.ExitOK)
	}
}

// Each line that is printed returns a token when it is pasted into a shell.
func TestServeDevCurlLines(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, "--dev", "--data-dir", t.TempDir())
	lines := regexp.MustCompile(`(?m)^(curl|answer=).*$`).FindAllString(s.stdout.String(), -1)
	if len(lines) != 5 {
		t.Fatalf("%d lines, want 5:\n%s", len(lines), s.stdout)
	}
	refresh := 0
	for _, line := range lines {
		printed, err := exec.Command("sh", "-c", line).Output()
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		var answer map[string]any
		if err := json.Unmarshal(printed, &answer); err != nil {
			t.Errorf("%s: %v in %s", line, err, printed)
		}
		if answer["access_token"] == nil && answer["accessToken"] == nil {
			t.Errorf("%s: no token in %s", line, printed)
		}
		if strings.Contains(line, "grant_type=refresh_token") {
			refresh++
		}
	}
	if refresh != 1 {
		t.Errorf("%d lines refresh, want 1", refresh)
	}
}

// files returns the mode and content of every file in a directory but the
// database.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var content []byte
		if info.Mode().IsRegular() && !strings.HasPrefix(entry.Name(), "gatehouse.db") {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		name, err := filepath.Rel(dir, path)
		found[name] = fmt.Sprintf("%s %s", info.Mode(), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestServeDevFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	serve(t, nil, "--dev", "--data-dir", dir)
	for name, file := range files(t, dir) {
		mode, _, _ := strings.Cut(file, " ")
		want := "-rw-------"
		if name == "." {
			want = "drwx------"
		}
		if mode != want {
			t.Errorf("%s has mode %s, want %s", name, mode, want)
		}
	}
}

func TestServeDevSecondStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	serve(t, nil, "--dev", "--data-dir", dir).stop(t)
	before, f := files(t, dir), readFirstStart(t, dir)
	beside := func(args ...string) string {
		return command{args: append(args, "--data-dir", dir, "--json")}.ok(t)
	}
	users, apps, keys := beside("user", "list"), beside("application", "list"), beside("keys", "list")

	s := serve(t, nil, "--dev", "--data-dir", dir)
	s.stop(t)
	contains(t, s.stdout.String(), "Gatehouse answers at http://"+s.address)
	lacks(t, s.stdout.String()+s.stderr.String(), f.Admin.Password, f.Application.ClientSecret, f.Application.ClientID)
	if diff := cmp.Diff(before, files(t, dir)); diff != "" {
		t.Errorf("files (-first start +second):\n%s", diff)
	}
	if diff := cmp.Diff([]string{users, apps, keys}, []string{beside("user", "list"), beside("application", "list"), beside("keys", "list")}); diff != "" {
		t.Errorf("database (-first start +second):\n%s", diff)
	}
}

// A first start that was cut short is completed by the next one, whose
// credentials work.
func TestServeDevRecovers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cut  func(dir string) error // makes of a complete first start what a crash would leave
		same bool                   // the credentials were on the disk already
	}{
		{"before the credentials", func(dir string) error {
			return removeAll(dir, "dev-credentials.json", "gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm")
		}, false},
		{"while they were written", func(dir string) error {
			if err := removeAll(dir, "dev-credentials.json", "gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm"); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, ".dev-credentials.json-123"), []byte(`{"issu`), 0o600)
		}, false},
		{"before they were in the database", func(dir string) error {
			return removeAll(dir, "gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm")
		}, true},
		{"before the master secret", func(dir string) error {
			return removeAll(dir, "master-secret", "gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm")
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			serve(t, nil, "--dev", "--data-dir", dir).stop(t)
			before := readFirstStart(t, dir)
			if err := tt.cut(dir); err != nil {
				t.Fatal(err)
			}

			s := serve(t, nil, "--dev", "--data-dir", dir)
			f := readFirstStart(t, dir)
			if (f.Admin == before.Admin && f.Application == before.Application) != tt.same {
				t.Errorf("credentials %+v, before %+v", f, before)
			}
			if want := "http://" + s.address; f.Issuer != want {
				t.Errorf("issuer %s, want %s", f.Issuer, want)
			}
			contains(t, s.stdout.String(), f.Admin.Password, f.Application.ClientSecret)
			status, _ := s.post(t, "/oauth2/token", url.Values{
				"grant_type": {"password"}, "username": {f.Admin.Username}, "password": {f.Admin.Password},
				"client_id": {f.Application.ClientID}, "client_secret": {f.Application.ClientSecret},
			})
			if status != http.StatusOK {
				t.Errorf("sign-in with the credentials: %d", status)
			}
		})
	}
}

func removeAll(dir string, names ...string) error {
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// A server with --dev is this machine's alone, unless its listen says otherwise.
func TestServeDevListensOnLoopback(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args, environ []string
		want          shown
	}{
		{nil, nil, shown{Value: "localhost:4000", Source: "dev"}},
		{[]string{"--listen", ":4000"}, nil, shown{Value: ":4000", Source: "flag", Name: "--listen"}},
		{nil, []string{"GATEHOUSE_LISTEN=:4000"}, shown{Value: ":4000", Source: "env", Name: "GATEHOUSE_LISTEN"}},
	} {
		got := map[string]shown{}
		command{args: append([]string{"config", "--dev", "--data-dir", t.TempDir()}, tt.args...), environ: tt.environ}.json(t, &got)
		if got["listen"] != tt.want || got["issuer"].Value != "http://localhost:4000" {
			t.Errorf("%v %v: listen %+v, issuer %+v, want %+v", tt.args, tt.environ, got["listen"], got["issuer"], tt.want)
		}
	}
	s := serve(t, nil, "--dev", "--data-dir", t.TempDir(), "--listen", "localhost:0")
	contains(t, s.stdout.String(), "to this machine only (--listen :")
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			continue // the machine does not have it
		} else if l.Close(); !reaches(t, host, port) {
			t.Errorf("%s is not answered", host)
		}
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range all {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() && reaches(t, network.IP.String(), port) {
			t.Errorf("others get through at %s", network.IP)
		}
	}
	open := launch(t, nil, "--dev", "--data-dir", t.TempDir(), "--listen", "0.0.0.0:0")
	for end := time.Now().Add(30 * time.Second); !strings.Contains(open.stdout.String(), "to everyone who can reach 0.0.0.0:0"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not say that it is open: %s", open.stdout)
		}
	}
}

// reaches says whether something listens there.
func reaches(t *testing.T, host, port string) bool {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}
