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
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.byID[cookie.Value]
	return found, ok && time.Now().Before(found.Until)
}

// begin gives the browser a session of a new id.
func (s *sessions) begin(w http.ResponseWriter, begun session, secure bool) {
	begun.ID = rand.Text()
	s.end(func(old session) bool { return time.Now().After(old.Until) })
	s.mu.Lock()
	s.byID[begun.ID] = begun
	s.mu.Unlock()
	setCookie(w, http.Cookie{Name: sessionCookie, Value: begun.ID, Path: "/", Secure: secure})
}

// setCookie sets a cookie that no script and no form of another site can use.
func setCookie(w http.ResponseWriter, c http.Cookie) {
	c.HttpOnly, c.SameSite = true, http.SameSiteLaxMode
	http.SetCookie(w, &c)
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
