package jobs

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"gatehouse/errors"
)

// Job is work that is done every so often. Do must end soon after its context
// does, and may be run again after it was cut short.
type Job struct {
	Name  string // of the lease, too: the same on every node
	Every time.Duration
	Do    func(ctx context.Context) error
}

// Deps is all this package takes from the rest of the program; every field is required.
type Deps struct {
	Lease  func(ctx context.Context, name, holder string, now, until time.Time) (bool, error) // see storage.Store
	Now    func() time.Time
	Log    *slog.Logger
	Holder string // tells this process from every other
}

// Run runs the jobs until ctx ends and all of them have returned. A job that
// fails or panics is logged and run again when its time has come. Run returns
// an error, and does nothing, only if two jobs have the same name or one has no
// interval.
func Run(ctx context.Context, d Deps, jobs ...Job) error {
	if err := check(jobs); err != nil {
		return err
	}
	var all sync.WaitGroup
	for _, job := range jobs {
		all.Go(func() { d.follow(ctx, job) })
	}
	all.Wait()
	return nil
}

func check(jobs []Job) error {
	seen := make(map[string]bool, len(jobs))
	for _, job := range jobs {
		if job.Every <= 0 {
			return fmt.Errorf("job %q has no interval", job.Name)
		}
		if seen[job.Name] {
			return fmt.Errorf("two jobs are named %q", job.Name)
		}
		seen[job.Name] = true
	}
	return nil
}

// follow runs one job whenever it is due. The first run comes within a tenth of
// the interval, at a moment that differs from node to node.
func (d Deps) follow(ctx context.Context, job Job) {
	defer d.release(ctx, job)
	timer := time.NewTimer(d.offset(job))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		d.attempt(ctx, job)
		timer.Reset(job.Every)
	}
}

// offset spreads the nodes' and the jobs' first runs.
func (d Deps) offset(job Job) time.Duration {
	h := fnv.New32a()
	fmt.Fprint(h, d.Holder, "\x00", job.Name)
	return time.Duration(float64(job.Every) / 10 * float64(h.Sum32()) / (1 << 32))
}

// attempt runs the job once if its lease is this node's, or free.
func (d Deps) attempt(ctx context.Context, job Job) {
	log := d.Log.With("job", job.Name)
	held, err := d.lease(ctx, job)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		log.ErrorContext(ctx, "job not run", "error", err)
		return
	case !held:
		log.DebugContext(ctx, "job belongs to another node")
		return
	}
	start := d.Now()
	err = d.hold(ctx, job)
	switch {
	case ctx.Err() != nil:
		log.DebugContext(ctx, "job cut short")
	case err != nil:
		log.ErrorContext(ctx, "job failed", "error", err)
	default:
		log.DebugContext(ctx, "job done", "took", d.Now().Sub(start))
	}
}

// hold runs the job and keeps its lease up meanwhile. When the lease is lost the
// job's context ends, for another node may have begun.
func (d Deps) hold(ctx context.Context, job Job) error {
	ctx, stop := context.WithCancelCause(ctx)
	done := make(chan error, 1)
	go func() { done <- protect(ctx, job) }()
	defer stop(nil)

	renew := time.NewTicker(leaseFor(job) / 3)
	defer renew.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-renew.C:
			if held, err := d.lease(ctx, job); err != nil || !held {
				stop(errors.Join(errLeaseLost, err))
				return errors.Join(<-done, context.Cause(ctx))
			}
		}
	}
}

var errLeaseLost = errors.New("lease lost")

// protect makes an error of a panic: the other jobs, and the server, go on.
func protect(ctx context.Context, job Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return job.Do(ctx)
}

// leaseFor is longer than the interval, so that a job stays where it is.
func leaseFor(job Job) time.Duration { return job.Every + job.Every/2 }

func (d Deps) lease(ctx context.Context, job Job) (bool, error) {
	now := d.Now()
	return d.Lease(ctx, job.Name, d.Holder, now, now.Add(leaseFor(job)))
}

// release lets another node take the job over at once. If it fails, the lease
// runs out by itself.
func (d Deps) release(ctx context.Context, job Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	now := d.Now()
	if _, err := d.Lease(ctx, job.Name, d.Holder, now, now); err != nil {
		d.Log.DebugContext(ctx, "lease not released", "job", job.Name, "error", err)
	}
}
