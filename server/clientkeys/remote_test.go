package clientkeys_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/server/clientkeys"
)

// askedFor holds how often a site was asked so far.
func (s *site) askedFor(t *testing.T, want int64) {
	t.Helper()
	if got := s.asked.Load(); got != want {
		t.Errorf("the site was asked %d times, want %d", got, want)
	}
}

func TestFetchesOnce(t *testing.T) {
	t.Parallel()
	f, p := newFixture(t), newPair(t, "ES256", "k")
	s, signed := newSite(t, jwks(p.public())), p.sign(t)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() { f.verify(t, at(s.URL), signed, nil) })
	}
	all.Wait()
	s.askedFor(t, 1)
}

// A rotation is noticed with the first signature by the new key; the old one dies
// when it is published no more.
func TestRotation(t *testing.T) {
	t.Parallel()
	f, old, fresh := newFixture(t), newPair(t, "ES256", "old"), newPair(t, "RS256", "new")
	s := newSite(t, jwks(old.public()))
	f.verify(t, at(s.URL), old.sign(t), nil)
	f.clock.Advance(30 * time.Second)
	s.publish(jwks(old.public(), fresh.public()))
	f.verify(t, at(s.URL), fresh.sign(t), nil)
	f.verify(t, at(s.URL), old.sign(t), nil)
	s.askedFor(t, 2)
	s.publish(jwks(fresh.public()))
	f.clock.Advance(5*time.Minute - time.Second)
	f.verify(t, at(s.URL), old.sign(t), nil)
	s.askedFor(t, 2)
	f.clock.Advance(time.Second)
	f.verify(t, at(s.URL), old.sign(t), clientkeys.ErrNoKey)
	f.verify(t, at(s.URL), fresh.sign(t), nil)
	s.askedFor(t, 3)
}

func TestUnknownKeysAreFetchedAtARate(t *testing.T) {
	t.Parallel()
	f, p := newFixture(t), newPair(t, "ES256", "k")
	s, unknown := newSite(t, jwks(p.public())), newPair(t, "ES256", "made up").sign(t)
	for range 3 {
		f.verify(t, at(s.URL), unknown, clientkeys.ErrNoKey)
	}
	s.askedFor(t, 1)
	f.clock.Advance(10*time.Second - 1)
	f.verify(t, at(s.URL), unknown, clientkeys.ErrNoKey)
	s.askedFor(t, 1)
	f.clock.Advance(1)
	f.verify(t, at(s.URL), unknown, clientkeys.ErrNoKey)
	f.verify(t, at(s.URL), p.sign(t), nil)
	s.askedFor(t, 2)
	other := at(s.URL)
	other.ID = "another"
	f.verify(t, other, p.sign(t), nil)
	s.askedFor(t, 3)
}

func TestFreshness(t *testing.T) {
	t.Parallel()
	p := newPair(t, "ES256", "k")
	for header, fresh := range map[string]time.Duration{
		"":                         5 * time.Minute,
		"public":                   5 * time.Minute,
		"max-age=x":                5 * time.Minute,
		"max-age=-1":               5 * time.Minute,
		"no-store":                 time.Minute,
		"max-age=1":                time.Minute,
		"Public, MAX-AGE=\"120\"":  2 * time.Minute,
		"max-age=600, no-cache":    10 * time.Minute,
		"no-cache, max-age=600":    time.Minute,
		"max-age=99999999":         15 * time.Minute,
		"max-age=9999999999999999": 5 * time.Minute,
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			f, s := newFixture(t), newSite(t, "")
			s.publish(jwks(p.public()), "Cache-Control", header)
			f.verify(t, at(s.URL), p.sign(t), nil)
			f.clock.Advance(fresh - 1)
			f.verify(t, at(s.URL), p.sign(t), nil)
			s.askedFor(t, 1)
			f.clock.Advance(1)
			f.verify(t, at(s.URL), p.sign(t), nil)
			s.askedFor(t, 2)
		})
	}
}

func TestGoodKeysOutliveAFailure(t *testing.T) {
	t.Parallel()
	f, p := newFixture(t), newPair(t, "ES256", "k")
	s := newSite(t, jwks(p.public()))
	f.verify(t, at(s.URL), p.sign(t), nil)
	s.fail(http.StatusInternalServerError)
	f.clock.Advance(5 * time.Minute)
	f.verify(t, at(s.URL), p.sign(t), nil)
	s.askedFor(t, 2)
	f.verify(t, at(s.URL), newPair(t, "ES256", "new").sign(t), clientkeys.ErrFetch)
	s.askedFor(t, 2)
	f.clock.Advance(time.Hour - 1)
	f.verify(t, at(s.URL), p.sign(t), nil)
	f.clock.Advance(1)
	f.verify(t, at(s.URL), p.sign(t), clientkeys.ErrFetch)
	s.publish(jwks(p.public()))
	f.clock.Advance(5 * time.Second)
	f.verify(t, at(s.URL), p.sign(t), nil)
}

// An outage is waited for once: after that good keys go on being good meanwhile.
func TestNobodyWaitsForAFailureTwice(t *testing.T) {
	t.Parallel()
	f, p := newFixture(t), newPair(t, "ES256", "k")
	s, signed := newSite(t, jwks(p.public())), p.sign(t)
	f.verify(t, at(s.URL), signed, nil)
	s.fail(http.StatusBadGateway)
	f.clock.Advance(5 * time.Minute)
	f.verify(t, at(s.URL), signed, nil)
	release, over := make(chan struct{}), make(chan struct{})
	s.serve(func(_ http.ResponseWriter, r *http.Request) {
		defer close(over)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	f.clock.Advance(5 * time.Second)
	f.verify(t, at(s.URL), signed, nil)
	select {
	case <-over:
		t.Error("Verify() waited for the fetch")
	default:
	}
	close(release)
}

func TestFailuresAreRemembered(t *testing.T) {
	t.Parallel()
	f, p := newFixture(t), newPair(t, "ES256", "k")
	s := newSite(t, "")
	s.fail(http.StatusNotFound)
	f.verify(t, at(s.URL), p.sign(t), clientkeys.ErrFetch)
	f.clock.Advance(5*time.Second - 1)
	f.verify(t, at(s.URL), p.sign(t), clientkeys.ErrFetch)
	s.askedFor(t, 1)
	f.clock.Advance(1)
	s.publish(jwks(p.public()))
	f.verify(t, at(s.URL), p.sign(t), nil)
	s.askedFor(t, 2)
}

func TestAnswersThatAreNoKeys(t *testing.T) {
	t.Parallel()
	p := newPair(t, "ES256", "k")
	whole := jwks(p.public())
	for name, body := range map[string]string{
		"nothing":          "",
		"a page":           "<html></html>",
		"no keys":          "{}",
		"null":             `{"keys":null}`,
		"a list":           "[" + whole + "]",
		"an object":        `{"keys":{}}`,
		"half of it":       whole[:len(whole)/2],
		"two sets":         whole + whole,
		"keys twice":       `{"keys":[],` + whole[1:],
		"other case":       strings.Replace(whole, `"keys"`, `"Keys"`, 1),
		"more than 64 KiB": whole + strings.Repeat(" ", 64<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, s := newFixture(t), newSite(t, body)
			f.verify(t, at(s.URL), p.sign(t), clientkeys.ErrFetch)
		})
	}
	t.Run("64 KiB", func(t *testing.T) {
		t.Parallel()
		f, s := newFixture(t), newSite(t, strings.Repeat(" ", 64<<10-len(whole))+whole)
		f.verify(t, at(s.URL), p.sign(t), nil)
	})
	t.Run("an address that is none", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t)
		f.verify(t, at("http://[::1"), p.sign(t), clientkeys.ErrFetch)
		f.verify(t, at("nowhere:/x"), p.sign(t), clientkeys.ErrFetch)
	})
}

// The fetch is nobody's: who gives up ends neither it nor the others' wait.
func TestFetchOutlivesWhoAsked(t *testing.T) {
	t.Parallel()
	f, p := newFixture(t), newPair(t, "ES256", "k")
	whole, asked, release := jwks(p.public()), make(chan struct{}), make(chan struct{})
	s := newSite(t, "")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		select {
		case <-release:
			_, _ = w.Write([]byte(whole))
		case <-r.Context().Done():
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	signed := p.sign(t)
	go func() { first <- f.Verify(ctx, at(s.URL), signed) }()
	<-asked
	cancel()
	if err := <-first; !is(err, context.Canceled) {
		t.Errorf("Verify() = %v, want %v", err, context.Canceled)
	}
	close(release)
	f.verify(t, at(s.URL), signed, nil)
	s.askedFor(t, 1)
}
