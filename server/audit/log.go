package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"gatehouse/storage"
)

// mostBuffered is how many bytes of lines wait to be written. When there are
// more, who adds the next line writes them all and waits for that: an event that
// nobody hears of would be worse than a request that takes longer.
const mostBuffered = 1 << 20

// Log writes events, in the order in which it is given them. A nil *Log writes
// nothing.
type Log struct {
	to  io.Writer
	log *slog.Logger

	writing sync.Mutex // held while lines are written, so that they stay in order
	mu      sync.Mutex
	lines   bytes.Buffer
	events  int           // in lines
	wake    chan struct{} // holds an entry when there may be lines
	stop    chan struct{}
	stopped chan struct{}
}

// New returns a Log that writes to a file, or whatever else takes lines, until
// it is closed. What cannot be written goes to the logger, for nothing of it may
// get lost in silence.
func New(to io.Writer, log *slog.Logger) *Log {
	l := &Log{
		to: to, log: log,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go l.run()
	return l
}

// Emit writes an event soon.
func (l *Log) Emit(e storage.AuditEvent) {
	if l == nil {
		return
	}
	if l.add(e) > mostBuffered {
		l.flush()
		return
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// add returns how many bytes wait.
func (l *Log) add(e storage.AuditEvent) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.lines.Len()
	encoder := json.NewEncoder(&l.lines)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(From(e)); err != nil {
		l.lines.Truncate(before)
		l.log.ErrorContext(context.Background(), "audit event not written", slog.String("event", e.ID), slog.Any("error", err))
		return before
	}
	l.events++
	return l.lines.Len()
}

// run writes what waits, until Close.
func (l *Log) run() {
	defer close(l.stopped)
	for {
		select {
		case <-l.wake:
			l.flush()
		case <-l.stop:
			l.flush()
			return
		}
	}
}

// flush writes all that waits.
func (l *Log) flush() {
	l.writing.Lock()
	defer l.writing.Unlock()
	lines, events := l.take()
	if len(lines) == 0 {
		return
	}
	if _, err := l.to.Write(lines); err != nil {
		l.log.ErrorContext(context.Background(), "audit events not written; they are in the database",
			slog.Int("events", events), slog.Any("error", err))
	}
}

func (l *Log) take() ([]byte, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines, events := bytes.Clone(l.lines.Bytes()), l.events
	l.lines.Reset()
	l.events = 0
	return lines, events
}

// Close writes what waits, for as long as ctx allows. No event may come after it.
func (l *Log) Close(ctx context.Context) error {
	if l == nil {
		return nil
	}
	close(l.stop)
	select {
	case <-l.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("write audit events: %w", ctx.Err())
	}
}
