package logout_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/storage"
)

func TestDelivers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		app, r := w.application(t), newReceiver(t)
		w.register(t, app, r.URL)
		var ended []string
		for range 40 { // more than are told at once
			ended = append(ended, w.end(t, app))
		}
		stop := w.run(t)
		r.wait(t, len(ended))
		stop()
		got := r.sessions()
		slices.Sort(ended)
		slices.Sort(got)
		if !slices.Equal(got, ended) {
			t.Errorf("told of %d sessions, want each of %d once", len(got), len(ended))
		}
		if left := w.left(t); len(left) > 0 {
			t.Errorf("left to tell: %+v", left)
		}
		if w.count("delivered") != len(ended) || w.count("failed") != 0 {
			t.Errorf("counted %v", w.results())
		}
	})
}

// TestWakes: what ends while the Sender runs is told of without waiting.
func TestWakes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		app, r := w.application(t), newReceiver(t)
		w.register(t, app, r.URL)
		w.run(t)
		for i := range 3 {
			session := w.end(t, app)
			w.sender.Changed([]storage.Change{{Kind: storage.SessionEnded, Key: session}})
			if r.wait(t, i+1); r.sessions()[i] != session {
				t.Errorf("told of %s, want %s", r.sessions()[i], session)
			}
		}
	})
}

func TestTriesAgainForADay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		app, r := w.application(t), newReceiver(t)
		r.answer = func(int) int { return http.StatusBadRequest }
		w.register(t, app, r.URL)
		w.end(t, app)
		began := w.clock.Now()
		var at []time.Duration
		for {
			w.once(t)
			at = append(at, w.clock.Now().Sub(began))
			left := w.left(t)
			if len(left) == 0 {
				break
			}
			if len(left) != 1 || left[0].Attempts != len(at) {
				t.Fatalf("after %d attempts: %+v", len(at), left)
			}
			w.once(t) // it is not due
			w.clock.Advance(w.next.Sub(w.clock.Now()))
		}
		var pauses []time.Duration
		for i := 1; i < len(at); i++ {
			pauses = append(pauses, at[i]-at[i-1])
		}
		want := []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, time.Hour}
		if len(pauses) < len(want) || !slices.Equal(pauses[:len(want)], want) || at[len(at)-1] > 24*time.Hour || at[len(at)-1] < 23*time.Hour {
			t.Errorf("attempts after %v", at)
		}
		if got := len(r.sessions()); got != len(at) || w.count("failed") != got-1 || w.count("given up") != 1 {
			t.Errorf("%d attempts have arrived, of %d; counted %v", got, len(at), w.results())
		}
	})
}

// TestOutlivesItsNode: what a node has taken and not brought to an end, another
// one brings there.
func TestOutlivesItsNode(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		app, r := w.application(t), newReceiver(t)
		w.register(t, app, r.URL)
		session := w.end(t, app)
		now := w.clock.Now()
		if taken, err := w.db.TakeDeliveries(t.Context(), now, now.Add(time.Minute), 16); err != nil || len(taken) != 1 {
			t.Fatalf("%v, %v", taken, err)
		}
		w.once(t)
		if got := r.sessions(); len(got) > 0 {
			t.Errorf("%d were told while another node has it", len(got))
		}
		w.clock.Advance(time.Minute)
		w.once(t)
		if got := r.sessions(); !slices.Equal(got, []string{session}) {
			t.Errorf("told of %v", got)
		}
	})
}

// TestEndsWhatItHasBegun: a node that stops does not lose what is on its way.
func TestEndsWhatItHasBegun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		app, r := w.application(t), newReceiver(t)
		arrived, goOn := make(chan struct{}), make(chan struct{})
		r.answer = func(int) int { close(arrived); <-goOn; return http.StatusOK }
		w.register(t, app, r.URL)
		w.end(t, app)
		stopped := make(chan struct{})
		stop := w.run(t)
		<-arrived
		go func() { stop(); close(stopped) }()
		close(goOn)
		<-stopped
		if left := w.left(t); len(left) > 0 {
			t.Errorf("left to tell: %+v", left)
		}
	})
}

// TestLeavesTheQuietAlone: many sessions of an application that does not answer do
// not keep others waiting.
func TestLeavesTheQuietAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		quiet, app, r, broken := w.application(t), w.application(t), newReceiver(t), newReceiver(t)
		broken.answer = func(int) int { return -1 }
		w.register(t, quiet, broken.URL)
		w.register(t, app, r.URL)
		for range 50 {
			w.end(t, quiet)
		}
		w.end(t, app)
		stop := w.run(t)
		r.wait(t, 1)
		w.until(t, "the quiet ones are not put off", func() bool { return w.count("failed") >= 50 })
		stop()
		if got := len(broken.sessions()); got == 0 || got > 16 {
			t.Errorf("%d attempts at an address where nobody answers, want 16 at most", got)
		}
		if left := w.left(t); len(left) != 50 {
			t.Errorf("%d left, want 50", len(left))
		}
		broken.answer = func(int) int { return http.StatusOK }
		before := len(broken.sessions())
		w.clock.Advance(5 * time.Second)
		w.run(t)
		broken.wait(t, before+50)
	})
}

// TestLeavesRoomForOthers: many sessions of an application that takes its time do not
// keep others waiting.
func TestLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		slow, app, r, s := w.application(t), w.application(t), newReceiver(t), newReceiver(t)
		goOn := make(chan struct{})
		s.answer = func(int) int { <-goOn; return http.StatusOK }
		w.register(t, slow, s.URL)
		w.register(t, app, r.URL)
		for range 50 {
			w.end(t, slow)
		}
		w.end(t, app)
		w.run(t)
		r.wait(t, 1)
		s.wait(t, 1)
		if got := len(s.sessions()); got > 7 {
			t.Errorf("%d are on their way to the slow one", got)
		}
		close(goOn)
		s.wait(t, 50)
	})
}

func TestForgetsApplicationsThatAreGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		app, r := w.application(t), newReceiver(t)
		w.register(t, app, r.URL)
		w.end(t, app)
		w.gone = true
		w.once(t)
		if left := w.left(t); len(left) > 0 || len(r.sessions()) > 0 || w.count("given up") != 1 {
			t.Errorf("left %+v, %d have arrived, counted %v", left, len(r.sessions()), w.results())
		}
	})
}

// TestLogsNothingSecret: neither a token nor what an address may hold.
func TestLogsNothingSecret(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		r.answer = func(int) int { return -1 }
		app := w.application(t)
		w.register(t, app, r.URL+"/?key=hunter2")
		w.end(t, app)
		other := w.application(t)
		w.register(t, other, "http://127.0.0.1:1/?key=hunter2") // nobody listens
		w.end(t, other)
		w.once(t)
		w.until(t, "nothing was logged", func() bool { return strings.Count(w.log.String(), "to be tried again") == 2 })
		if log := w.log.String(); strings.Contains(log, "hunter2") || strings.Contains(log, "logout_token") || strings.Contains(log, "eyJ") {
			t.Errorf("log: %s", log)
		}
	})
}

func TestReadsALittleOfAnswers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		r.body = strings.Repeat("x", 1<<20)
		app := w.application(t)
		w.register(t, app, r.URL)
		w.end(t, app)
		w.once(t)
		if left := w.left(t); len(left) > 0 || w.count("delivered") != 1 {
			t.Errorf("left %+v, counted %v", left, w.results())
		}
	})
}

// TestOutage: a database that is away is waited for.
func TestOutage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		app, r := w.application(t), newReceiver(t)
		w.register(t, app, r.URL)
		w.end(t, app)
		w.away.Store(true)
		w.run(t)
		w.until(t, "the outage is not in the log", func() bool { return strings.Contains(w.log.String(), "cannot be told") })
		w.away.Store(false)
		r.wait(t, 1)
		w.until(t, "its end is not in the log", func() bool { return strings.Contains(w.log.String(), "are told of ended sessions again") })
		if got := strings.Count(w.log.String(), "cannot be told"); got != 1 {
			t.Errorf("%d lines about one outage", got)
		}
	})
}
