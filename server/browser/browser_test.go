package browser_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/browser"
	"gatehouse/storage/storagetest"
)

func TestCookies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db storagetest.Database) {
		for _, secure := range []bool{false, true} {
			prefix := map[bool]string{false: "", true: "__Host-"}[secure]
			for remember, age := range map[bool]int{false: 0, true: 30 * 24 * 3600} {
				s := newSite(t, db, secure, browser.Config{})
				set := s.signIn(t, client{}, s.ada, remember)
				if len(set) != 1 {
					t.Fatalf("%d cookies", len(set))
				}
				got := *set[0]
				if len(got.Value) != 43 {
					t.Errorf("the cookie holds %d characters, want 256 bits", len(got.Value))
				}
				got.Value, got.Raw = "", ""
				want := http.Cookie{
					Name: prefix + "gatehouse-session", Path: "/", MaxAge: age, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("secure %v, remember %v:\n%s", secure, remember, diff)
				}
			}
		}
	})
}

func TestFormCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t, storagetest.Databases()[0], true, browser.Config{})
	b := client{}
	set := b.visit(t, func(c echo.Context) {
		binding, token := string(s.Binding(c)), s.Token(c)
		if string(s.Binding(c)) != binding || s.Token(c) != token {
			t.Error("one answer has two cookies")
		}
	})
	if len(set) != 1 {
		t.Fatalf("%d cookies, want one", len(set))
	}
	got := *set[0]
	got.Value, got.Raw = "", ""
	want := http.Cookie{Name: "__Host-gatehouse-form", Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if set := b.visit(t, func(c echo.Context) { s.Binding(c) }); len(set) != 0 {
		t.Error("a browser that has the cookie gets it again")
	}
}

func TestSignInRenewsTheCookie(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db storagetest.Database) {
		s := newSite(t, db, false, browser.Config{})
		b := client{}
		s.signIn(t, b, s.ada, false)
		before := maps.Clone(b)
		s.signIn(t, b, s.bob, false)
		if before["gatehouse-session"].Value == b["gatehouse-session"].Value {
			t.Error("the cookie is the one from before the sign-in")
		}
		if got := s.accounts(t, before); got != nil {
			t.Errorf("the old cookie still stands for %v", got)
		}
		if got := s.accounts(t, b); !slices.Equal(got, []string{s.bob, s.ada}) {
			t.Errorf("accounts = %v, want bob and ada", got)
		}
	})
}

func TestACookieThatSomebodyPlanted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db storagetest.Database) {
		s := newSite(t, db, false, browser.Config{})
		planted := strings.Repeat("A", 43)
		victim := client{"gatehouse-session": {Name: "gatehouse-session", Value: planted}}
		s.signIn(t, victim, s.ada, false)
		attacker := client{"gatehouse-session": {Name: "gatehouse-session", Value: planted}}
		if got := s.accounts(t, attacker); got != nil {
			t.Errorf("who planted the cookie is signed in as %v", got)
		}
		if victim["gatehouse-session"].Value == planted {
			t.Error("the browser still has the planted cookie")
		}
	})
}

func TestHowLongPeopleStay(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	config := browser.Config{Idle: 10 * minute, Life: time.Hour, Remember: 3 * day}
	for _, tt := range []struct {
		name     string
		remember bool
		pauses   []time.Duration // after each but the last the browser is used
		in       bool
	}{
		{"in use", false, []time.Duration{9 * minute, 9 * minute, 9 * minute}, true},
		{"idle for almost too long", false, []time.Duration{9 * minute}, true},
		{"idle for too long", false, []time.Duration{10 * minute}, false},
		{"idle again", false, []time.Duration{9 * minute, 11 * minute}, false},
		{"in use, but over", false, slices.Repeat([]time.Duration{9 * minute}, 7), false},
		{"remembered", true, []time.Duration{2 * day}, true},
		{"remembered, but over", true, []time.Duration{day, day, day}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db storagetest.Database) {
				s := newSite(t, db, false, config)
				b := client{}
				s.signIn(t, b, s.ada, tt.remember)
				for i, pause := range tt.pauses {
					if i > 0 {
						s.use(t, b, s.ada)
					}
					s.clock.Advance(pause)
				}
				if got := s.accounts(t, b) != nil; got != tt.in {
					t.Errorf("signed in: %v, want %v", got, tt.in)
				}
			})
		})
	}
}

// What one does keeps no other signed in.
func TestPeopleStayByThemselves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db storagetest.Database) {
		s := newSite(t, db, false, browser.Config{Idle: time.Hour, Life: 3 * time.Hour, Remember: 24 * time.Hour})
		b := client{}
		lives := func(set []*http.Cookie, want int) {
			t.Helper()
			if len(set) != 1 || set[0].MaxAge != want {
				t.Errorf("cookies %v, want one for %d s", set, want)
			}
		}
		in := func(want ...string) {
			t.Helper()
			if got := s.accounts(t, b); !slices.Equal(got, want) {
				t.Errorf("signed in: %v, want %v", got, want)
			}
		}
		lives(s.signIn(t, b, s.ada, false), 0)
		lives(s.signIn(t, b, s.bob, true), 0) // closing the browser still signs ada out
		in(s.bob, s.ada)
		s.clock.Advance(50 * minute)
		s.use(t, b, s.bob)
		s.clock.Advance(20 * minute)
		in(s.bob) // ada was idle
		for userID, want := range map[string]int{s.ada: 0, s.bob: 1} {
			signIns, err := s.SignIns(t.Context(), userID)
			if err != nil || len(signIns) != want {
				t.Errorf("sign-ins of %s: %+v, %v, want %d", userID, signIns, err, want)
			}
		}
		lives(s.signIn(t, b, s.bob, true), 24*3600)
		in(s.bob)
		s.signIn(t, b, s.ada, false)
		for range 4 {
			s.clock.Advance(50 * minute)
			if got := s.accounts(t, b); slices.Contains(got, s.ada) {
				s.use(t, b, s.ada)
			}
			s.signIn(t, b, s.bob, false)
		}
		in(s.bob) // ada has been there for her three hours
		s.signIn(t, b, s.ada, false)
		in(s.ada, s.bob)
	})
}

func TestNobodyIsRemembered(t *testing.T) {
	t.Parallel()
	s := newSite(t, storagetest.Databases()[0], false, browser.Config{Remember: -1})
	b := client{}
	if s.Remembers() {
		t.Error("people can be remembered")
	}
	if set := s.signIn(t, b, s.ada, true); set[0].MaxAge != 0 {
		t.Errorf("the cookie lives %d s", set[0].MaxAge)
	}
	if s.clock.Advance(13 * time.Hour); s.accounts(t, b) != nil {
		t.Error("signed in for longer than others")
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db storagetest.Database) {
		s := newSite(t, db, false, browser.Config{})
		b := client{}
		s.signIn(t, b, s.ada, false)
		s.signIn(t, b, s.bob, false)
		leave := func(userID string) {
			b.visit(t, func(c echo.Context) {
				current, err := s.Current(c)
				if err == nil {
					_, err = s.SignOut(c, current, userID)
				}
				if err != nil {
					t.Fatal(err)
				}
			})
		}
		leave(s.bob)
		if got := s.accounts(t, b); !slices.Equal(got, []string{s.ada}) {
			t.Errorf("accounts = %v, want ada", got)
		}
		old := maps.Clone(b)
		leave("")
		if _, there := b["gatehouse-session"]; there {
			t.Error("the browser keeps its cookie")
		}
		if s.accounts(t, old) != nil {
			t.Error("the cookie still stands for somebody")
		}
	})
}

func TestOnlyWhoIsAsTheyWereWhenTheyProvedIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db storagetest.Database) {
		s := newSite(t, db, false, browser.Config{})
		b := client{}
		set := b.visit(t, func(c echo.Context) {
			if err := s.SignIn(c, browser.SignIn{UserID: s.ada, Password: "the hash from before a reset"}); !errors.Is(err, errors.Unavailable) {
				t.Errorf("sign in = %v, want %v", err, errors.Unavailable)
			}
		})
		if len(set) != 0 {
			t.Error("a cookie was set")
		}
	})
}

func TestHostileCookies(t *testing.T) {
	t.Parallel()
	s := newSite(t, storagetest.Databases()[0], false, browser.Config{})
	for _, value := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 5000), "' OR 1=1 --"} {
		b := client{"gatehouse-session": {Name: "gatehouse-session", Value: value}, "gatehouse-form": {Name: "gatehouse-form", Value: value}}
		if got := s.accounts(t, b); got != nil {
			t.Errorf("%.20q signs in %v", value, got)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config browser.Config
		wrong  string
	}{
		{browser.Config{}, ""},
		{browser.Config{Remember: -1}, ""},
		{browser.Config{Idle: time.Second}, "idle life"},
		{browser.Config{Idle: -1}, "idle life"},
		{browser.Config{Life: 400 * 24 * time.Hour}, "life"},
		{browser.Config{Remember: time.Second}, "remembered life"},
	} {
		err := tt.config.Validate()
		if (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%+v: %v, want %q", tt.config, err, tt.wrong)
		}
	}
}
