package sqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
)

// auditEvents is how many events the queries are measured on.
const auditEvents = 200_000

// fillAudit appends events, one a second: most of one actor and one action, few
// of the others.
func fillAudit(b *testing.B, s *sqlstore.Store, begin time.Time) {
	b.Helper()
	batch := make([]storage.AuditEvent, 0, 500)
	for i := range auditEvents {
		at := begin.Add(time.Duration(i) * time.Second)
		e := storage.AuditEvent{
			ID: storage.NewID(at), At: at, ExpiresAt: at.AddDate(1, 0, 0), ActorType: "user", ActorID: "busy", ActorName: "ada",
			Action: "user.update", SubjectType: "user", SubjectID: fmt.Sprint("u", i%5000), Address: "203.0.113.7", RequestID: "5QXW2J7ZB4TKLR6NFYHDC3VEOA",
			Before: map[string]any{"email": "ada@example.com"}, After: map[string]any{"email": "lovelace@example.com"},
		}
		switch {
		case i%100_000 == 7:
			e.SubjectType, e.Action, e.ActorID = "product", "product.create", "rare"
		case i%10 == 3:
			e.Action = "user.create"
		}
		if batch = append(batch, e); len(batch) == cap(batch) {
			if err := s.AppendAudit(b.Context(), batch...); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
}

func BenchmarkAuditEvents(b *testing.B) {
	eachStore(b, func(b *testing.B, s *sqlstore.Store) {
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		fillAudit(b, s, begin)
		middle := begin.Add(auditEvents / 2 * time.Second)
		for name, q := range map[string]storage.AuditQuery{
			"newest":         {},
			"deep":           {Before: storage.NewID(middle)},
			"busy-actor":     {Actor: "busy", Before: storage.NewID(middle)},
			"rare-actor":     {Actor: "rare"},
			"no-actor":       {Actor: "nobody"},
			"actor-and-rare": {Actor: "rare", Action: "product."},
			"subject":        {Subject: "u77"},
			"rare-action":    {Action: "product.create"},
			"rare-type":      {SubjectType: "product"},
			"type":           {SubjectType: "user", Before: storage.NewID(middle)},
			"actions":        {Action: "user.", From: begin, To: middle},
			"time":           {From: middle, To: middle.Add(time.Hour)},
		} {
			b.Run(name, func(b *testing.B) {
				q.Limit = 100
				for b.Loop() {
					if _, err := s.AuditEvents(b.Context(), q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

func BenchmarkAppendAudit(b *testing.B) {
	eachStore(b, func(b *testing.B, s *sqlstore.Store) {
		parallel(b, func(ctx context.Context) error {
			now := time.Now()
			return s.AppendAudit(ctx, storage.AuditEvent{
				ID: storage.NewID(now), At: now, ExpiresAt: now.AddDate(1, 0, 0), ActorType: "user", ActorID: "busy", Action: "user.update",
				SubjectType: "user", SubjectID: "u7", After: map[string]any{"email": "lovelace@example.com"},
			})
		})
	})
}

// BenchmarkAddRefusals adds as many at once as the recorder does under load.
func BenchmarkAddRefusals(b *testing.B) {
	eachStore(b, func(b *testing.B, s *sqlstore.Store) {
		record := make([]byte, 700)
		for b.Loop() {
			now, batch := time.Now(), make([]storage.Refusal, 100)
			for i := range batch {
				id := storage.NewID(now)
				batch[i] = storage.Refusal{ID: id, RequestID: id[24:], At: now, Record: record, ExpiresAt: now.Add(24 * time.Hour)}
			}
			if err := s.AddRefusals(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
	})
}
