package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testAudit(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"what is appended is read back":     testAppendAudit,
		"many are appended at once":         testAppendAuditMany,
		"a rollback takes events along":     testAppendAuditRollback,
		"none is appended of a bad bunch":   testAppendAuditTwice,
		"text that cannot be kept is":       testAppendAuditStrange,
		"a query's conditions all count":    testAuditQuery,
		"times are to the microsecond":      testAuditTimes,
		"a kind of which there is none":     testAuditNoKind,
		"pages stand while events come":     testAuditPages,
		"pages of several kinds stand, too": testAuditPagesOfKinds,
	})
}

// newEvent is an event like most.
func newEvent(at time.Time) storage.AuditEvent {
	return storage.AuditEvent{
		ID: storage.NewID(at), At: kept(at), ActorType: "user", ActorID: newID(), ActorName: "ada",
		Action: "user.update", SubjectType: "user", SubjectID: newID(), SubjectName: "grace",
		Address: "203.0.113.7", RequestID: "r-1",
		Before:    map[string]any{"email": "g@example.com", "groups": []any{"a"}, "metadata": map[string]any{"n": 1.5}},
		After:     map[string]any{"email": "h@example.com", "disabled": true},
		ExpiresAt: kept(at.Add(time.Hour)),
	}
}

// eventsOf returns what a query finds, at most a hundred unless it says so.
func eventsOf(t *testing.T, s Store, q storage.AuditQuery) []storage.AuditEvent {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	events, err := s.AuditEvents(t.Context(), q)
	noError(t, err)
	return events
}

func testAppendAudit(t *testing.T, s Store) {
	full, bare := newEvent(now), storage.AuditEvent{ID: storage.NewID(now), At: kept(now), ActorID: newID(), Code: "IDE-1003", ExpiresAt: kept(now)}
	noError(t, s.AppendAudit(t.Context(), full, bare))
	noError(t, s.AppendAudit(t.Context()))
	same(t, "AuditEvents()", eventsOf(t, s, storage.AuditQuery{Actor: full.ActorID}), []storage.AuditEvent{full})
	same(t, "AuditEvents()", eventsOf(t, s, storage.AuditQuery{Actor: bare.ActorID}), []storage.AuditEvent{bare})
}

func testAppendAuditMany(t *testing.T, s Store) {
	actor := newID()
	events := make([]storage.AuditEvent, 1203)
	for i := range events {
		events[i] = newEvent(now)
		events[i].ActorID = actor
	}
	noError(t, s.AppendAudit(t.Context(), events...))
	if got := eventsOf(t, s, storage.AuditQuery{Actor: actor, Limit: 5000}); len(got) != len(events) {
		t.Errorf("%d events, want %d", len(got), len(events))
	}
}

func testAppendAuditRollback(t *testing.T, s Store) {
	gone, stays := newEvent(now), newEvent(now)
	failed := errors.New("failed")
	for event, result := range map[*storage.AuditEvent]error{&gone: failed, &stays: nil} {
		err := s.InTx(t.Context(), func(ctx context.Context) error {
			noError(t, s.AppendAudit(ctx, *event))
			return result
		})
		if !errors.Is(err, result) {
			t.Errorf("InTx() = %v, want %v", err, result)
		}
		if got := eventsOf(t, s, storage.AuditQuery{Actor: event.ActorID}); (len(got) == 1) != (result == nil) {
			t.Errorf("after %v: %d events", result, len(got))
		}
	}
}

func testAppendAuditTwice(t *testing.T, s Store) {
	event, first := newEvent(now), newEvent(now)
	noError(t, s.AppendAudit(t.Context(), event))
	if err := s.AppendAudit(t.Context(), first, event); err == nil {
		t.Error("AppendAudit() of one that is there = nil")
	}
	if got := eventsOf(t, s, storage.AuditQuery{Actor: first.ActorID}); len(got) != 0 {
		t.Errorf("the other was appended: %v", got)
	}
}

func testAppendAuditStrange(t *testing.T, s Store) {
	for name, text := range strange {
		event := newEvent(now)
		event.SubjectID, event.ActorID = text+event.SubjectID, text+event.ActorID
		event.SubjectName, event.RequestID = text, text
		event.Before = map[string]any{text: text}
		noError(t, s.AppendAudit(t.Context(), event))
		for _, q := range []storage.AuditQuery{{Subject: event.SubjectID}, {Actor: event.ActorID}} {
			if got := eventsOf(t, s, q); len(got) != 1 || got[0].ID != event.ID {
				t.Errorf("%s: AuditEvents() = %d events", name, len(got))
			}
		}
		for _, q := range []storage.AuditQuery{{Before: text}, {Action: text}, {SubjectType: text}, {Action: text + "."}} {
			eventsOf(t, s, q)
		}
	}
}

func testAuditQuery(t *testing.T, s Store) {
	base := now.AddDate(-1, 0, 0) // apart from the other tests' events
	var events []storage.AuditEvent
	actors, subjects := []string{newID(), newID()}, []string{newID(), newID()}
	for i, kind := range []string{"q1user.create", "q1user.update", "q1user.delete", "q1group.create", "q1users.create"} {
		for j := range 4 {
			event := newEvent(base.Add(time.Duration(5*j+i) * time.Second))
			event.Action = kind
			event.SubjectType, _, _ = strings.Cut(kind, ".")
			event.ActorID, event.SubjectID = actors[j%2], subjects[(j+i)%2]
			events = append(events, event)
		}
	}
	noError(t, s.AppendAudit(t.Context(), events...))
	slices.SortFunc(events, func(a, b storage.AuditEvent) int { return strings.Compare(b.ID, a.ID) })
	for i, q := range auditQueries(base, actors, subjects, events[7].ID) {
		var want []storage.AuditEvent
		for _, e := range events {
			if matches(q, e) && len(want) < q.Limit {
				want = append(want, e)
			}
		}
		same(t, fmt.Sprintf("query %d: %+v", i, q), eventsOf(t, s, q), want)
	}
}

// auditQueries are all combinations of conditions.
func auditQueries(base time.Time, actors, subjects []string, before string) []storage.AuditQuery {
	var queries []storage.AuditQuery
	for n := range 1 << 7 {
		q := storage.AuditQuery{Limit: 3 + n%20, From: base}
		if n&1 > 0 {
			q.Actor = actors[0]
		}
		if n&2 > 0 {
			q.Subject = subjects[1]
		}
		if n&4 > 0 {
			q.SubjectType = "q1user"
		}
		switch n >> 3 & 3 {
		case 1:
			q.Action = "q1user."
		case 2:
			q.Action = "q1user.delete"
		}
		if n&32 > 0 {
			q.Before = before
		}
		if n&64 > 0 {
			q.From, q.To = base.Add(3*time.Second), base.Add(17*time.Second)
		}
		if q.To.IsZero() { // tests beside this one append, too
			q.To = base.Add(time.Hour)
		}
		queries = append(queries, q)
	}
	return queries
}

func matches(q storage.AuditQuery, e storage.AuditEvent) bool {
	return (q.Actor == "" || e.ActorID == q.Actor) && (q.Subject == "" || e.SubjectID == q.Subject) &&
		(q.SubjectType == "" || e.SubjectType == q.SubjectType) &&
		(q.Action == "" || e.Action == q.Action || strings.HasSuffix(q.Action, ".") && strings.HasPrefix(e.Action, q.Action)) &&
		(q.Before == "" || e.ID < q.Before) && !e.At.Before(kept(q.From)) && e.At.Before(kept(q.To))
}

func testAuditTimes(t *testing.T, s Store) {
	at := kept(now).AddDate(-2, 0, 0)
	event := newEvent(at)
	noError(t, s.AppendAudit(t.Context(), event))
	const step = time.Microsecond
	for _, tt := range []struct {
		from, to time.Time
		want     int
	}{
		{at, at.Add(step), 1},
		{at, at, 0},
		{at.Add(step), at.Add(time.Hour), 0},
		{at.Add(-step), at, 0},
		{at.Add(-time.Hour), at.Add(time.Hour), 1},
		{time.Unix(0, 0), at.Add(step), 1},
		{at, time.Time{}, 1},
	} {
		for _, q := range []storage.AuditQuery{{Actor: event.ActorID}, {Action: event.Action}} {
			q.From, q.To, q.Limit = tt.from, tt.to, 10_000
			got := eventsOf(t, s, q)
			found := slices.ContainsFunc(got, func(e storage.AuditEvent) bool { return e.ID == event.ID })
			if found != (tt.want == 1) {
				t.Errorf("from %s to %s: found %v, want %d", tt.from, tt.to, found, tt.want)
			}
		}
	}
}

func testAuditNoKind(t *testing.T, s Store) {
	noError(t, s.AppendAudit(t.Context(), newEvent(now)))
	for _, q := range []storage.AuditQuery{
		{SubjectType: "nothing"}, {Action: "nothing."}, {Action: "user.nothing"}, {SubjectType: "user", Action: "group."},
	} {
		if got := eventsOf(t, s, q); len(got) != 0 {
			t.Errorf("AuditEvents(%+v) = %v, want none", q, got)
		}
	}
}

func testAuditPages(t *testing.T, s Store) {
	actor := newID()
	pages(t, s, storage.AuditQuery{Actor: actor, Limit: 7}, func(e *storage.AuditEvent, _ int) { e.ActorID = actor })
}

func testAuditPagesOfKinds(t *testing.T, s Store) {
	pages(t, s, storage.AuditQuery{Action: "paged.", Limit: 7}, func(e *storage.AuditEvent, i int) {
		e.SubjectType, e.Action = "paged", []string{"paged.create", "paged.update"}[i%2]
	})
}

// pages reads events page by page while others are appended: each of those that
// were there at first comes once, and no other.
func pages(t *testing.T, s Store, q storage.AuditQuery, change func(e *storage.AuditEvent, i int)) {
	t.Helper()
	n, at := 0, now
	add := func() string {
		event := newEvent(at)
		change(&event, n)
		noError(t, s.AppendAudit(t.Context(), event))
		n, at = n+1, at.Add(time.Millisecond)
		return event.ID
	}
	var want, got []string
	for range 30 {
		want = append(want, add())
	}
	slices.Reverse(want)
	for {
		page := eventsOf(t, s, q)
		for _, e := range page {
			got = append(got, e.ID)
		}
		if len(page) < q.Limit {
			break
		}
		q.Before = page[len(page)-1].ID
		add()
	}
	same(t, "all pages", got, want)
}
