package main_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/storage/storagetest"
)

// chain is what one client of the crash test was given: its refresh tokens,
// oldest first. It never sees an answer that the crash swallowed.
type chain struct{ received []string }

func (c *chain) last() string { return c.received[len(c.received)-1] }

// TestCrashUnderLoad kills the server in the middle of refreshes, three times,
// and holds it to what it acknowledged: the last token that a client received
// works, and no token that was spent before that does.
func TestCrashUnderLoad(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]func(testing.TB) string{
		"sqlite":   func(testing.TB) string { return "" },
		"postgres": storagetest.Postgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProcess(t, dsn(t), "GATEHOUSE_TOKENS_REFRESH_GRACE=60s")
			chains := make([]*chain, 16)
			for i := range chains {
				chains[i] = &chain{received: []string{p.signIn(t)}}
			}
			for range 3 {
				p.refreshUntilKilled(t, chains)
				p.start(t)
				for i, c := range chains {
					next, status := p.refresh(t, c.last())
					if status != http.StatusOK {
						t.Fatalf("client %d: the last token it received is refused with %d", i, status)
					}
					c.received = append(c.received, next)
				}
			}
			for i, c := range chains {
				if len(c.received) < 6 {
					t.Errorf("client %d was given only %d tokens: no load", i, len(c.received))
				}
				for _, spent := range c.received[:len(c.received)-3] {
					if _, status := p.refresh(t, spent); status != http.StatusBadRequest {
						t.Fatalf("client %d: a spent token is answered with %d", i, status)
					}
				}
			}
		})
	}
}

// refreshUntilKilled lets all clients refresh as fast as they can, and kills the
// server when they have done so for a while.
func (p *process) refreshUntilKilled(t *testing.T, chains []*chain) {
	t.Helper()
	var killed atomic.Bool
	var clients sync.WaitGroup
	for _, c := range chains {
		clients.Go(func() {
			for !killed.Load() {
				next, status, err := p.tryRefresh(c.last())
				if err != nil {
					return // the answer was swallowed
				}
				if status != http.StatusOK {
					t.Errorf("refused with %d under load", status)
					return
				}
				c.received = append(c.received, next)
			}
		})
	}
	time.Sleep(700 * time.Millisecond)
	p.kill(t)
	killed.Store(true)
	clients.Wait()
}

func (p *process) signIn(t *testing.T) string {
	t.Helper()
	token, status, err := p.token(url.Values{
		"grant_type": {"password"}, "username": {p.Credentials.Admin.Username}, "password": {p.Credentials.Admin.Password},
	})
	if err != nil || status != http.StatusOK {
		t.Fatalf("sign-in: %d, %v", status, err)
	}
	return token
}

func (p *process) refresh(t *testing.T, token string) (next string, status int) {
	t.Helper()
	next, status, err := p.tryRefresh(token)
	if err != nil {
		t.Fatalf("refresh: %v", err)
	}
	return next, status
}

func (p *process) tryRefresh(token string) (next string, status int, err error) {
	return p.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

// token asks for tokens as the first-party application and returns the refresh token.
func (p *process) token(form url.Values) (string, int, error) {
	response, err := http.Post(p.URL+"/oauth2/token", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	defer response.Body.Close()
	var body struct {
		RefreshToken string `json:"refresh_token"`
	}
	err = json.NewDecoder(response.Body).Decode(&body)
	return body.RefreshToken, response.StatusCode, err
}
