package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/client"
)

func TestAllowedAsksAboutTheCallerItself(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	raw := is.token(t)
	is.authorize.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked map[string]any
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Errorf("question: %v", err)
		}
		if len(asked) != 3 || asked["resource"] != "ledgers" || asked["action"] != "get" || asked["product"] != "midaz" {
			t.Errorf("asked %v", asked)
		}
		if got := r.Header.Values("Authorization"); len(got) != 1 || got[0] != "Bearer "+raw {
			t.Error("the question does not come with the caller's token")
		}
		says(200, `{"authorized":false,"timestamp":"2026-11-22T10:00:00Z"}`)(w, r)
	}))
	if allowed, err := is.client(t).Allowed(t.Context(), raw, "ledgers", "get"); allowed || err != nil {
		t.Errorf("Allowed = %t, %v; want a denial", allowed, err)
	}
}

func TestDecisionsAreRememberedForSeconds(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := is.client(t)
	raw := is.token(t, func(o object) { o["exp"] = is.clock.Now().Add(8 * time.Second).Unix() })
	steps := []struct {
		name             string
		after            time.Duration
		resource, action string
		asked            int64
	}{
		{"the first", 0, "ledgers", "get", 1},
		{"the same", 0, "ledgers", "get", 1},
		{"another action", 0, "ledgers", "post", 2},
		{"another resource", 0, "accounts", "get", 3},
		{"the same letters, parted otherwise", 0, "ledgersg", "et", 4},
		{"almost five seconds later", 5*time.Second - 1, "ledgers", "get", 4},
		{"five seconds later", 1, "ledgers", "get", 5},
	}
	for _, s := range steps {
		is.clock.Advance(s.after)
		if allowed, err := c.Allowed(t.Context(), raw, s.resource, s.action); !allowed || err != nil {
			t.Fatalf("%s: Allowed = %t, %v", s.name, allowed, err)
		}
		if got := is.questions.Load(); got != s.asked {
			t.Errorf("%s: %d questions, want %d", s.name, got, s.asked)
		}
	}
	is.clock.Advance(3 * time.Second)
	if allowed, err := c.Allowed(t.Context(), raw, "ledgers", "get"); allowed || !errors.Is(err, client.ErrTokenInvalid) {
		t.Errorf("Allowed when the token has expired = %t, %v", allowed, err)
	}
	other := is.token(t)
	if _, err := c.Allowed(t.Context(), other, "ledgers", "get"); err != nil || is.questions.Load() != 6 {
		t.Errorf("another token: %v, %d questions, want 6", err, is.questions.Load())
	}
}

func TestDecisionsAreNotRememberedWhenToldSo(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c, raw := is.client(t, func(c *client.Config) { c.DecisionLifetime = -1 }), is.token(t)
	for range 3 {
		if allowed, err := c.Allowed(t.Context(), raw, "ledgers", "get"); !allowed || err != nil {
			t.Fatalf("Allowed = %t, %v", allowed, err)
		}
	}
	if got := is.questions.Load(); got != 3 {
		t.Errorf("%d questions, want 3", got)
	}
}

// TestFailsClosed holds Allowed to false and an error for whatever is no decision.
func TestFailsClosed(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	elsewhere := newIssuer(t)
	yes := `{"authorized":true,"timestamp":"2026-11-22T10:00:00Z"}`
	tests := []struct {
		name  string
		says  http.HandlerFunc
		want  error
		tries int64
	}{
		{"no JSON", says(200, "true"), client.ErrUnavailable, 1},
		{"nothing", says(200, ""), client.ErrUnavailable, 1},
		{"an empty object", says(200, "{}"), client.ErrUnavailable, 1},
		{"null", says(200, `{"authorized":null}`), client.ErrUnavailable, 1},
		{"a text", says(200, `{"authorized":"true"}`), client.ErrUnavailable, 1},
		{"a number", says(200, `{"authorized":1}`), client.ErrUnavailable, 1},
		{"another case", says(200, `{"Authorized":true}`), client.ErrUnavailable, 1},
		{"both", says(200, `{"authorized":false,"authorized":true}`), client.ErrUnavailable, 1},
		{"a list", says(200, "["+yes+"]"), client.ErrUnavailable, 1},
		{"more than one value", says(200, yes+yes), client.ErrUnavailable, 1},
		{"cut short", says(200, yes[:20]), client.ErrUnavailable, 1},
		{"huge", says(200, strings.Repeat(" ", 300<<10)+yes), client.ErrUnavailable, 1},
		{"huge behind a decision", says(200, yes+strings.Repeat(" ", 300<<10)), client.ErrUnavailable, 1},
		{"another 2xx", says(201, yes), client.ErrUnavailable, 1},
		{"a redirect to another origin", says(307, "", "Location", elsewhere.URL+"/v1/authorize"), client.ErrUnavailable, 1},
		{"a redirect to itself", says(308, "", "Location", "/v1/authorize"), client.ErrUnavailable, 1},
		{"yes with 500", says(500, yes), client.ErrUnavailable, 1},
		{"yes with 403", says(403, yes), client.ErrUnavailable, 1},
		{"AUT-0008", says(403, `{"code":"AUT-0008","title":"t","message":"m"}`), client.ErrUnavailable, 1},
		{"too many", says(429, "", "Retry-After", "1"), client.ErrUnavailable, 1},
		{"revoked", says(401, `{"code":"AUT-1003","title":"t","message":"m"}`), client.ErrTokenInvalid, 1},
		{"yes with 502", says(502, yes), client.ErrUnavailable, 3},
		{"503", says(503, ""), client.ErrUnavailable, 3},
		{"504", says(504, "<html>"), client.ErrUnavailable, 3},
		{"503 for longer than there is time", says(503, "", "Retry-After", "60"), client.ErrUnavailable, 1},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, client.ErrUnavailable, 3},
	}
	for _, tt := range tests {
		is.authorize.Store(tt.says)
		before := is.questions.Load()
		c, raw := is.client(t), is.token(t)
		allowed, err := c.Allowed(t.Context(), raw, "ledgers", "get")
		if allowed || !errors.Is(err, tt.want) {
			t.Errorf("%s: Allowed = %t, %v; want %v", tt.name, allowed, err, tt.want)
		}
		if got := is.questions.Load() - before; got != tt.tries {
			t.Errorf("%s: asked %d times, want %d", tt.name, got, tt.tries)
		}
		is.authorize.Store(says(200, yes))
		if allowed, err := c.Allowed(t.Context(), raw, "ledgers", "get"); !allowed || err != nil {
			t.Errorf("%s: Allowed afterwards = %t, %v; want that it was not remembered", tt.name, allowed, err)
		}
	}
	if elsewhere.questions.Load() != 0 {
		t.Error("another origin was asked")
	}
}

func TestARefusalTellsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	is.authorize.Store(says(503, `{"code":"AUT-2007","title":"Service Unavailable","message":"Please wait."}`, "Retry-After", "60", "X-Request-Id", "r1"))
	_, err := is.client(t).Allowed(t.Context(), is.token(t), "ledgers", "get")
	var got *client.Refusal
	want := client.Refusal{Status: 503, Code: "AUT-2007", Title: "Service Unavailable", Message: "Please wait.", RequestID: "r1", RetryAfter: time.Minute}
	if !errors.As(err, &got) || *got != want {
		t.Errorf("Allowed = %#v, want %#v", err, want)
	}
	if want := "gatehouse: refused with 503, AUT-2007 Service Unavailable (request r1)"; err.Error() != want {
		t.Errorf("Error() = %q, want %q", err, want)
	}
}

func TestAQuestionIsAskedAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]http.HandlerFunc{
		"503":                 says(503, ""),
		"503 with a wait":     says(503, "", "Retry-After", "1"),
		"a connection broken": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, first := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			is := newIssuer(t)
			yes := is.authorize.Load().(http.HandlerFunc)
			is.authorize.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if is.questions.Load() == 1 {
					_, _ = io.Copy(io.Discard, r.Body)
					first(w, r)
					return
				}
				yes(w, r)
			}))
			c := is.client(t, func(c *client.Config) { c.Timeout = time.Minute })
			if allowed, err := c.Allowed(t.Context(), is.token(t), "ledgers", "get"); !allowed || err != nil {
				t.Errorf("Allowed = %t, %v; want the second answer", allowed, err)
			}
		})
	}
}

func TestASlowServerIsGivenUp(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	release := make(chan struct{})
	is.authorize.Store(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer close(release)
	keys := is.client(t)
	raw := is.token(t)
	if _, err := keys.Verify(t.Context(), raw); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	c := is.client(t, func(c *client.Config) { c.Timeout = 300 * time.Millisecond })
	if allowed, err := c.Allowed(t.Context(), raw, "ledgers", "get"); allowed || !errors.Is(err, client.ErrUnavailable) {
		t.Errorf("Allowed = %t, %v; want ErrUnavailable", allowed, err)
	}
}

// TestQuestionsAreShared has many ask the same at once: the server is asked once,
// and one who leaves takes no answer from the others.
func TestQuestionsAreShared(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	asked, release := make(chan struct{}, 100), make(chan struct{})
	yes := is.authorize.Load().(http.HandlerFunc)
	is.authorize.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-release
		yes(w, r)
	}))
	c, raw := is.client(t, func(c *client.Config) { c.Timeout = time.Minute }), is.token(t)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := c.Allowed(ctx, raw, "ledgers", "get")
		gone <- err
	}()
	<-asked
	var all sync.WaitGroup
	var entered, allowed atomic.Int64
	for range 50 {
		all.Go(func() {
			entered.Add(1)
			ok, err := c.Allowed(t.Context(), raw, "ledgers", "get")
			if err != nil {
				t.Errorf("Allowed: %v", err)
			}
			if ok {
				allowed.Add(1)
			}
		})
	}
	passes(t, "all ask", func() bool { return entered.Load() == 50 })
	time.Sleep(50 * time.Millisecond) // for the last of them to join; whoever is late asks for nothing either
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who left: %v, want the end of its context", err)
	}
	close(release)
	all.Wait()
	if allowed.Load() != 50 || is.questions.Load() != 1 {
		t.Errorf("%d allowed by %d questions, want 50 by 1", allowed.Load(), is.questions.Load())
	}
}

func TestAQuestionThatNobodyWaitsForIsCancelled(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	asked, cancelled := make(chan struct{}), make(chan struct{})
	is.authorize.Store(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(asked)
		<-r.Context().Done()
		close(cancelled)
	}))
	c, raw := is.client(t, func(c *client.Config) { c.Timeout = time.Minute }), is.token(t)
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		<-asked
		leave()
	}()
	if _, err := c.Allowed(ctx, raw, "ledgers", "get"); !errors.Is(err, context.Canceled) {
		t.Errorf("Allowed = %v, want the end of its context", err)
	}
	<-cancelled
}

// TestTheCircuitOpens has a server go away: after three questions in vain the others
// fail at once, but one a second, which closes the circuit when the server is back.
func TestTheCircuitOpens(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	yes, down := is.authorize.Load().(http.HandlerFunc), says(503, "", "Retry-After", "60")
	c, raw := is.client(t, func(c *client.Config) { c.DecisionLifetime = -1 }), is.token(t)
	ask := func(times int) (failed int) {
		for range times {
			if _, err := c.Allowed(t.Context(), raw, "ledgers", "get"); errors.Is(err, client.ErrUnavailable) {
				failed++
			}
		}
		return failed
	}
	meanwhile := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ask(1) != 1 {
			t.Error("a second question goes out while the first finds out")
		}
		down(w, r)
	})
	steps := []struct {
		name          string
		says          http.HandlerFunc
		after         time.Duration
		failed, asked int
	}{
		{"down", down, 0, 10, 3},
		{"a second later", down, time.Second, 10, 1},
		{"one at a time", meanwhile, time.Second, 10, 1},
		{"back, but not yet known", yes, 0, 10, 0},
		{"found out", yes, time.Second, 0, 10},
		{"down again", down, 0, 10, 3},
	}
	for _, s := range steps {
		is.authorize.Store(s.says)
		is.clock.Advance(s.after)
		before := is.questions.Load()
		if failed, asked := ask(10), int(is.questions.Load()-before); failed != s.failed || asked != s.asked {
			t.Errorf("%s: %d failed and %d were asked, want %d and %d", s.name, failed, asked, s.failed, s.asked)
		}
	}
}

func TestAnEndlessAnswerIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	const whole = 64 << 20
	var sent atomic.Int64
	over := make(chan struct{})
	is.authorize.Store(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer close(over)
		for block := make([]byte, 64<<10); sent.Load() < whole; sent.Add(int64(len(block))) {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	c := is.client(t, func(c *client.Config) { c.Timeout = time.Minute })
	if allowed, err := c.Allowed(t.Context(), is.token(t), "ledgers", "get"); allowed || !errors.Is(err, client.ErrUnavailable) {
		t.Errorf("Allowed = %t, %v; want ErrUnavailable", allowed, err)
	}
	<-over
	if sent.Load() == whole {
		t.Error("all of it was read")
	}
}

func TestAClosedClientAsksNothing(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c, raw := is.client(t), is.token(t)
	if _, err := c.Verify(t.Context(), raw); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	c.Close()
	if allowed, err := c.Allowed(t.Context(), raw, "ledgers", "get"); allowed || !errors.Is(err, client.ErrUnavailable) {
		t.Errorf("Allowed = %t, %v; want ErrUnavailable", allowed, err)
	}
	if is.questions.Load() != 0 {
		t.Error("a closed client asked")
	}
}
