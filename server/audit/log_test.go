package audit_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/server/audit"
	"gatehouse/storage"
)

// file takes lines, slowly or not at all if a test wants it so.
type file struct {
	mu   sync.Mutex
	text bytes.Buffer
	gate chan struct{} // nil: it takes them at once
	err  error
}

func (f *file) Write(lines []byte) (int, error) {
	if f.gate != nil {
		<-f.gate
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return 0, f.err
	}
	return f.text.Write(lines)
}

func event(n int) storage.AuditEvent {
	return storage.AuditEvent{
		ID: fmt.Sprint(n), At: time.Date(2026, 3, 14, 15, 9, 26, 535_897_000, time.FixedZone("", 3600)),
		ActorType: "user", ActorID: "u-1", ActorName: "ada", Action: "group.update",
		SubjectType: "group", SubjectID: "g-1", SubjectName: "<b>", Address: "192.0.2.1", RequestID: "r-1",
		Before: map[string]any{"name": "a"}, After: map[string]any{"name": "b"}, ExpiresAt: time.Now(),
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestLineIsTheAPIsForm(t *testing.T) {
	t.Parallel()
	var f file
	l := audit.New(&f, discard())
	l.Emit(event(7))
	l.Emit(storage.AuditEvent{ID: "8", At: time.Unix(0, 0), Action: "user.create", ActorType: "command", Code: "IDE-2002"})
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"7","time":"2026-03-14T14:09:26.535897Z","actor":{"type":"user","id":"u-1","name":"ada"},"action":"group.update","subject":{"type":"group","id":"g-1","name":"<b>"},"address":"192.0.2.1","requestId":"r-1","before":{"name":"a"},"after":{"name":"b"}}
{"id":"8","time":"1970-01-01T00:00:00Z","actor":{"type":"command"},"action":"user.create","subject":{},"code":"IDE-2002"}
`
	if got := f.text.String(); got != want {
		t.Errorf("lines:\n%swant:\n%s", got, want)
	}
}

func TestNoEventIsLost(t *testing.T) {
	t.Parallel()
	var f file
	l := audit.New(&f, discard())
	var all sync.WaitGroup
	const writers, each = 16, 2000 // some ten MiB
	for w := range writers {
		all.Go(func() {
			for i := range each {
				l.Emit(event(w*each + i))
			}
		})
	}
	all.Wait()
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := map[string]int{}
	lines := bufio.NewScanner(&f.text)
	count := 0
	for lines.Scan() {
		var e audit.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("line %d: %v", count, err)
		}
		var n int
		if _, err := fmt.Sscan(e.ID, &n); err != nil {
			t.Fatal(err)
		}
		writer := fmt.Sprint(n / each)
		if before, seen := last[writer]; seen && before >= n {
			t.Errorf("event %d comes after %d", n, before)
		}
		last[writer] = n
		count++
	}
	if count != writers*each {
		t.Errorf("%d lines, want %d", count, writers*each)
	}
}

// A file that hangs holds up nobody, as long as there is room.
func TestEmitDoesNotWait(t *testing.T) {
	t.Parallel()
	f := file{gate: make(chan struct{})}
	l := audit.New(&f, discard())
	for i := range 1000 {
		l.Emit(event(i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := l.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close() of what cannot be written = %v", err)
	}
	close(f.gate)
}

func TestOverflowIsWrittenAtOnce(t *testing.T) {
	t.Parallel()
	var f file
	hanging, release := io.Pipe()
	l := audit.New(writerFunc(func(lines []byte) (int, error) {
		_, _ = io.ReadAll(hanging) // until the test says so
		return f.Write(lines)
	}), discard())
	big := event(1)
	big.After = map[string]any{"text": strings.Repeat("x", 1<<19)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 8 {
			l.Emit(big)
		}
	}()
	select {
	case <-done:
		t.Error("four MiB were taken while nothing could be written")
	case <-time.After(50 * time.Millisecond):
	}
	release.Close()
	<-done
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(f.text.String(), "\n"); got != 8 {
		t.Errorf("%d lines, want 8", got)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestWhatCannotBeWrittenIsLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	l := audit.New(&file{err: errors.New("the disk is full")}, slog.New(slog.NewTextHandler(&log, nil)))
	l.Emit(event(1))
	bad := event(2)
	bad.After = map[string]any{"f": func() {}}
	l.Emit(bad)
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); !strings.Contains(got, "the disk is full") || !strings.Contains(got, "events=1") || !strings.Contains(got, "event=2") {
		t.Errorf("log = %s", got)
	}
}

func TestNoLogWritesNothing(t *testing.T) {
	t.Parallel()
	var l *audit.Log
	l.Emit(event(1))
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
