package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary builds gatehouse once for all tests that need a process of its own, and
// release once for all benchmarks, in the way it is released. Tests share what
// go test has compiled already.
var (
	binary  = sync.OnceValues(func() (string, error) { return build("gatehouse", nil) })
	release = sync.OnceValues(func() (string, error) { return build("release", []string{"CGO_ENABLED=0"}, "-trimpath") })
)

// built is the folder of what build builds.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gatehouse-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built = dir
	code := m.Run()
	_ = os.RemoveAll(dir) // it is in the system's temporary folder anyway
	os.Exit(code)
}

func build(name string, env []string, flags ...string) (string, error) {
	path := filepath.Join(built, name)
	build := exec.Command("go", append(append([]string{"build", "-o", path}, flags...), ".")...)
	build.Env = append(os.Environ(), env...)
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

// process is a running `gatehouse serve --dev`.
type process struct {
	cmd     *exec.Cmd
	dir     string
	listen  string
	metrics string
	env     []string

	URL         string
	Credentials devCredentials
}

// devCredentials is what data/dev-credentials.json holds.
type devCredentials struct {
	Issuer string `json:"issuer"`
	Admin  struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"admin"`
	Application struct {
		ClientID     string `json:"clientId"`
		ClientSecret string `json:"clientSecret"`
	} `json:"application"`
}

// startProcess runs the server on a database (empty: SQLite in a fresh folder)
// and waits until it is ready. It listens where the system says at first, and
// there again when it is started once more.
func startProcess(tb testing.TB, dsn string, env ...string) *process {
	tb.Helper()
	p := &process{dir: tb.TempDir(), listen: "127.0.0.1:0"}
	p.env = append(os.Environ(), "GATEHOUSE_LOG_LEVEL=warn")
	if _, measured := tb.(*testing.B); measured {
		p.metrics = freeAddress(tb)
		p.env = append(p.env, "GATEHOUSE_METRICS_LISTEN="+p.metrics)
	}
	if dsn != "" {
		p.env = append(p.env, "GATEHOUSE_DATABASE_DSN="+dsn)
	}
	p.env = append(p.env, env...)
	tb.Cleanup(func() { p.kill(tb) })
	p.start(tb)
	return p
}

// readCredentials waits for what the first start makes up, which tells where it
// listens, too.
func (p *process) readCredentials(tb testing.TB) {
	tb.Helper()
	path := filepath.Join(p.dir, "dev-credentials.json")
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if err := json.Unmarshal(raw, &p.Credentials); err != nil {
			tb.Fatalf("credentials: %v", err)
		}
		p.URL = p.Credentials.Issuer
		p.listen = strings.TrimPrefix(p.URL, "http://")
		return
	}
	tb.Fatal("no credentials after 30 s")
}

func (p *process) start(tb testing.TB) {
	tb.Helper()
	find := binary
	if _, measured := tb.(*testing.B); measured {
		find = release
	}
	path, err := find()
	if err != nil {
		tb.Fatal(err)
	}
	p.cmd = exec.Command(path, "serve", "--dev", "--listen", p.listen, "--data-dir", p.dir)
	p.cmd.Env = p.env
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		tb.Fatalf("start: %v", err)
	}
	if p.URL == "" {
		p.readCredentials(tb)
	}
	p.waitReady(tb)
}

func (p *process) waitReady(tb testing.TB) {
	tb.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		r, err := http.Get(p.URL + "/readyz")
		if err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	tb.Fatal("the server is not ready after 30 s")
}

// kill ends the process as a crash of the machine's memory would: at once.
func (p *process) kill(tb testing.TB) {
	tb.Helper()
	if p.cmd == nil || p.cmd.Process == nil || p.cmd.ProcessState != nil {
		return
	}
	if err := p.cmd.Process.Kill(); err != nil {
		tb.Errorf("kill: %v", err)
	}
	_ = p.cmd.Wait()
}

// freeAddress returns a loopback address on which nobody listens.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("listen: %v", err)
	}
	defer l.Close()
	return l.Addr().String()
}

// cpu is how much processor time the process has used: what each of its threads
// has run, to the nanosecond.
func (p *process) cpu(tb testing.TB) time.Duration {
	tb.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no threads: %v", err)
	}
	var total time.Duration
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has just ended
		}
		var ran int64
		if _, err := fmt.Sscan(string(raw), &ran); err == nil {
			total += time.Duration(ran)
		}
	}
	return total
}

// rss and peak are the process's resident memory in KiB, now and at most.
func (p *process) memory(tb testing.TB) (rss, peak int) {
	tb.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		tb.Fatalf("status: %v", err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			_, _ = fmt.Sscan(rest, &rss)
		}
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			_, _ = fmt.Sscan(rest, &peak)
		}
	}
	return rss, peak
}
