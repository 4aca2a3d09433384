package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	gatehouse "gatehouse/cmd/gatehouse"
)

// underWay is a token request whose handler waits for the body.
type underWay struct {
	net.Conn
	body string
}

// begin sends a request up to its body, and waits until the handler asks for that.
func (s *server) begin(t *testing.T, f firstStart) underWay {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	body := url.Values{"grant_type": {"client_credentials"}, "client_id": {f.Application.ClientID}, "client_secret": {f.Application.ClientSecret}}.Encode()
	_, err = fmt.Fprintf(conn, "POST /oauth2/token HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", s.address, len(body))
	if err != nil {
		t.Fatal(err)
	}
	const goOn = "HTTP/1.1 100 Continue\r\n\r\n"
	answer := make([]byte, len(goOn))
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != goOn {
		t.Fatalf("the handler does not ask for the body: %q, %v", answer, err)
	}
	return underWay{conn, body}
}

// finish sends the body and returns the answer.
func (u underWay) finish() (string, error) {
	if _, err := io.WriteString(u, u.body); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(u)
	return string(answer), err
}

// When it is told to stop, the server finishes what it has begun and sends new
// requests away.
func TestServeDrains(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, nil, "--dev", "--data-dir", dir)
	request := s.begin(t, readFirstStart(t, dir))

	s.interrupt()
	soon(t, "a new request is sent away", func() bool { return s.get(t, "/oauth2/jwks", "") == http.StatusServiceUnavailable })
	if status := s.get(t, "/readyz", ""); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d, want %d", status, http.StatusServiceUnavailable)
	}
	answer, err := request.finish()
	if err != nil {
		t.Fatal(err)
	}
	contains(t, answer, "HTTP/1.1 200 OK", `"access_token"`)
	if status := s.stop(t); status != gatehouse.ExitOK {
		t.Errorf("status %d, want %d:\n%s", status, gatehouse.ExitOK, s.stderr)
	}
	if conn, err := net.Dial("tcp", s.address); err == nil {
		_ = conn.Close()
		t.Error("the listener is still open")
	}
}

// What is not done after the grace is cut off, and the exit status tells.
func TestServeCutsOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, []string{"GATEHOUSE_SHUTDOWN_GRACE=1s"}, "--dev", "--data-dir", dir)
	request := s.begin(t, readFirstStart(t, dir))
	began := time.Now()
	if status := s.stop(t); status != gatehouse.ExitFailed {
		t.Errorf("status %d, want %d", status, gatehouse.ExitFailed)
	}
	if took := time.Since(began); took < time.Second || took > 3*time.Second {
		t.Errorf("stopped after %s, want a second", took)
	}
	contains(t, s.stderr.String(), "1 requests were cut off: they were not done after 1s")
	if answer, _ := request.finish(); answer != "" {
		t.Errorf("answered all the same: %s", answer)
	}
}
