package jobs_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/errors"
	"gatehouse/server/jobs"
	"gatehouse/storage/storagetest"
)

// node runs jobs until it is stopped.
type node struct {
	cancel context.CancelFunc
	ended  chan error
}

func start(t *testing.T, d jobs.Deps, all ...jobs.Job) *node {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	n := &node{cancel: cancel, ended: make(chan error, 1)}
	go func() { n.ended <- jobs.Run(ctx, d, all...) }()
	return n
}

func (n *node) stop(t *testing.T) {
	t.Helper()
	n.cancel()
	synctest.Wait()
	select {
	case err := <-n.ended:
		if err != nil {
			t.Errorf("Run() = %v, want nil when its context has ended", err)
		}
	default:
		t.Error("Run() did not return at once when its context ended")
	}
}

// lines is a log that can be searched.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

// deps are those of a node on a database, with a clock that tests need not wait for.
func deps(lease func(context.Context, string, string, time.Time, time.Time) (bool, error), holder string) (jobs.Deps, *lines) {
	var log lines
	handler := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
	return jobs.Deps{Lease: lease, Now: time.Now, Log: slog.New(handler), Holder: holder}, &log
}

// tally is a job that counts its runs.
func tally(name string, every time.Duration, runs *atomic.Int32) jobs.Job {
	return jobs.Job{Name: name, Every: every, Do: func(context.Context) error {
		runs.Add(1)
		return nil
	}}
}

func TestRunRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var often, seldom atomic.Int32
		d, _ := deps(storagetest.Open(t, storagetest.SQLite(t)).Lease, "one")
		n := start(t, d, tally("often", time.Minute, &often), tally("seldom", time.Hour, &seldom))
		time.Sleep(7 * time.Minute) // a tenth of an hour, and more
		if got := often.Load(); got != 7 {
			t.Errorf("the job of every minute ran %d times in seven minutes, want 7", got)
		}
		if got := seldom.Load(); got != 1 {
			t.Errorf("the job of every hour ran %d times in seven minutes, want once", got)
		}
		n.stop(t)
		time.Sleep(time.Hour)
		if got := often.Load(); got != 7 {
			t.Errorf("the job ran %d times more after the end", got-7)
		}
	})
}

func TestOneNodeAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := storagetest.Open(t, storagetest.SQLite(t))
		var runs [3]atomic.Int32
		var nodes []*node
		for i := range runs {
			d, _ := deps(db.Lease, string(rune('a'+i)))
			nodes = append(nodes, start(t, d, tally("job", time.Minute, &runs[i])))
		}
		owner := func(minutes int32) int {
			t.Helper()
			for i := range runs {
				runs[i].Store(0)
			}
			time.Sleep(time.Duration(minutes) * time.Minute)
			found := -1
			for i := range runs {
				switch got := runs[i].Load(); {
				case got == 0:
				case got >= minutes-3 && found < 0:
					found = i
				default:
					t.Errorf("node %d ran the job %d times in %d minutes beside another", i, got, minutes)
				}
			}
			if found < 0 {
				t.Fatalf("nobody ran the job in %d minutes", minutes)
			}
			return found
		}
		first := owner(10)
		if again := owner(10); again != first {
			t.Errorf("the job went from node %d to node %d", first, again)
		}
		nodes[first].stop(t)
		if second := owner(10); second == first {
			t.Error("a node that was stopped ran the job")
		}
		for i, n := range nodes {
			if i != first {
				n.stop(t)
			}
		}
	})
}

// A node that stops lets go of its jobs: the next one need not wait for the lease.
func TestTheNextNodeTakesOverAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := storagetest.Open(t, storagetest.SQLite(t))
		var one, two atomic.Int32
		d, _ := deps(db.Lease, "one")
		n := start(t, d, tally("job", time.Hour, &one))
		time.Sleep(10 * time.Minute)
		n.stop(t)
		d, _ = deps(db.Lease, "two")
		n = start(t, d, tally("job", time.Hour, &two))
		time.Sleep(10 * time.Minute)
		n.stop(t)
		if one.Load() != 1 || two.Load() != 1 {
			t.Errorf("the nodes ran the job %d times and %d times, want once each", one.Load(), two.Load())
		}
	})
}

// A node that died holds its lease until it runs out.
func TestALeaseRunsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := storagetest.Open(t, storagetest.SQLite(t))
		if held, err := db.Lease(t.Context(), "job", "dead", time.Now(), time.Now().Add(5*time.Minute)); !held || err != nil {
			t.Fatalf("Lease() = %t, %v", held, err)
		}
		var runs atomic.Int32
		d, log := deps(db.Lease, "one")
		n := start(t, d, tally("job", time.Minute, &runs))
		time.Sleep(5*time.Minute - time.Second)
		if got := runs.Load(); got != 0 {
			t.Errorf("ran %d times while another held the lease", got)
		}
		time.Sleep(2 * time.Minute)
		if got := runs.Load(); got == 0 {
			t.Error("did not run when the lease had run out")
		}
		if got := log.count("job belongs to another node"); got != 5 {
			t.Errorf("gave way %d times, want 5", got)
		}
		n.stop(t)
	})
}

func TestAFailureIsNotTheEnd(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("it broke") },
		"panic": func() error { panic("it broke") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, log := deps(storagetest.Open(t, storagetest.SQLite(t)).Lease, "one")
				var runs, others atomic.Int32
				n := start(t, d, tally("other", time.Minute, &others), jobs.Job{Name: "job", Every: time.Minute, Do: func(context.Context) error {
					if runs.Add(1) == 2 {
						return fail()
					}
					return nil
				}})
				time.Sleep(3 * time.Minute)
				n.stop(t)
				if runs.Load() != 3 || others.Load() != 3 {
					t.Errorf("ran %d times, and the other job %d times, want 3 and 3", runs.Load(), others.Load())
				}
				if log.count("level=ERROR") != 1 || log.count("it broke") != 1 || log.count("job=job") != 3 {
					t.Errorf("log = %s\nwant the failure once", &log.text)
				}
				if name == "panic" && log.count("jobs_test.go") == 0 {
					t.Errorf("log = %s\nwant where it panicked", &log.text)
				}
			})
		})
	}
}

// A job may take longer than its interval: the lease is renewed meanwhile.
func TestALongRunKeepsItsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := storagetest.Open(t, storagetest.SQLite(t))
		var inside, most, runs atomic.Int32
		long := jobs.Job{Name: "job", Every: time.Minute, Do: func(ctx context.Context) error {
			runs.Add(1)
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer inside.Add(-1)
			time.Sleep(10 * time.Minute)
			return ctx.Err()
		}}
		one, _ := deps(db.Lease, "one")
		two, _ := deps(db.Lease, "two")
		a, b := start(t, one, long), start(t, two, long)
		time.Sleep(35 * time.Minute)
		if got := most.Load(); got != 1 {
			t.Errorf("%d nodes ran the job at once", got)
		}
		if got := runs.Load(); got != 4 {
			t.Errorf("ran %d times, want 4", got)
		}
		for _, n := range []*node{a, b} {
			n.cancel()
			if err := <-n.ended; err != nil {
				t.Errorf("Run() = %v", err)
			}
		}
	})
}

func TestALostLeaseEndsTheRun(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func() (bool, error){
		"taken":       func() (bool, error) { return false, nil },
		"unreachable": func() (bool, error) { return false, errors.New("no route to host") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				db := storagetest.Open(t, storagetest.SQLite(t))
				var lost atomic.Bool
				d, log := deps(func(ctx context.Context, name, holder string, now, until time.Time) (bool, error) {
					if lost.Load() {
						return answer()
					}
					return db.Lease(ctx, name, holder, now, until)
				}, "one")
				var ended atomic.Bool
				n := start(t, d, jobs.Job{Name: "job", Every: time.Minute, Do: func(ctx context.Context) error {
					lost.Store(true)
					<-ctx.Done()
					ended.Store(true)
					return ctx.Err()
				}})
				time.Sleep(time.Minute)
				if !ended.Load() {
					t.Error("the run went on without its lease")
				}
				if log.count("lease lost") != 1 {
					t.Errorf("log = %s\nwant that the lease was lost", &log.text)
				}
				n.stop(t)
			})
		})
	}
}

func TestRunStopsInTheMiddleOfAJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, log := deps(storagetest.Open(t, storagetest.SQLite(t)).Lease, "one")
		n := start(t, d, jobs.Job{Name: "job", Every: time.Minute, Do: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		time.Sleep(10 * time.Second)
		n.stop(t)
		if log.count("level=ERROR") != 0 {
			t.Errorf("log = %s\nwant no error for being stopped", &log.text)
		}
	})
}

func TestRunRefusesJobs(t *testing.T) {
	t.Parallel()
	d, _ := deps(nil, "one")
	var runs atomic.Int32
	if err := jobs.Run(t.Context(), d, tally("job", 0, &runs)); err == nil {
		t.Error("Run() of a job without an interval = nil")
	}
	if err := jobs.Run(t.Context(), d, tally("job", time.Minute, &runs), tally("job", time.Hour, &runs)); err == nil {
		t.Error("Run() of two jobs of one name = nil")
	}
}
