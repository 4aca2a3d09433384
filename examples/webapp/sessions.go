package main

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"
)

// longestSession is how long people stay signed in here.
const longestSession = 8 * time.Hour

// session is somebody who is signed in here: claims by the names that OpenID Connect
// Core §5.1 gives them.
type session struct {
	ID       string    `json:"-"`
	IDToken  string    `json:"-"` // shown when signing out
	Subject  string    `json:"sub"`
	SID      string    `json:"sid"` // the session at the provider that it came from
	Name     string    `json:"name"`
	Username string    `json:"preferred_username"`
	Email    string    `json:"email"`
	Until    time.Time `json:"-"`
}

// sessionCookie carries the id of a session.
const sessionCookie = "webapp"

// sessions are kept in memory: they end with the process.
type sessions struct {
	mu   sync.Mutex
	byID map[string]session
}

func newSessions() *sessions { return &sessions{byID: make(map[string]session)} }

// of returns the session of the browser that sent a request.
func (s *sessions) of(r *http.Request) (session, bool) {
	kept, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.byID[kept.Value]
	return found, ok && time.Now().Before(found.Until)
}

// begin gives the browser a session of a new id.
func (s *sessions) begin(w http.ResponseWriter, begun session, secure bool) {
	begun.ID = rand.Text()
	s.end(func(old session) bool { return time.Now().After(old.Until) })
	s.mu.Lock()
	s.byID[begun.ID] = begun
	s.mu.Unlock()
	http.SetCookie(w, cookie(sessionCookie, begun.ID, "/", 0, secure))
}

// cookie is one that no script and no form of another site can use. Its life is in
// seconds: 0 until the browser is closed, and negative to remove it.
func cookie(name, value, path string, life int, secure bool) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: http on this machine is what the example runs on
		Name: name, Value: value, Path: path, MaxAge: life, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// end ends all sessions that are meant.
func (s *sessions) end(meant func(session) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, one := range s.byID {
		if meant(one) {
			delete(s.byID, id)
		}
	}
}
