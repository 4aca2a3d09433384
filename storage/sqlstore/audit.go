package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"gatehouse/storage"
)

// auditAtOnce is how many events one statement appends: SQLite looks for each
// of a statement's parameters among all before it.
const auditAtOnce = 20

// auditColumns are all columns of audit_events, in the order in which they are
// written and read.
const auditColumns = `id, at, actor_type, actor_id, actor_name, action, subject_type, subject_id, subject_name,
	address, request_id, code, was, became, expires_at`

const auditWidth = 15

// AppendAudit implements storage.Audit.
func (s *Store) AppendAudit(ctx context.Context, events ...storage.AuditEvent) error {
	if len(events) > auditAtOnce && s.tx(ctx) == nil {
		return s.InTx(ctx, func(ctx context.Context) error { return s.AppendAudit(ctx, events...) })
	}
	for some := range slices.Chunk(events, auditAtOnce) {
		args := make([]any, 0, auditWidth*len(some))
		for _, e := range some {
			args = append(args, auditValues(e)...)
		}
		_, err := s.exec(ctx, `INSERT INTO audit_events (`+auditColumns+`) VALUES `+tuples(len(some), auditWidth), args...)
		if err != nil {
			return fmt.Errorf("append audit events: %w", err)
		}
	}
	return nil
}

func auditValues(e storage.AuditEvent) []any {
	return []any{
		e.ID, stamp(e.At),
		brief(e.ActorType), brief(e.ActorID), brief(e.ActorName),
		brief(e.Action), brief(e.SubjectType), brief(e.SubjectID), brief(e.SubjectName),
		brief(e.Address), brief(e.RequestID), brief(e.Code),
		column[map[string]any]{e.Before},
		column[map[string]any]{e.After},
		stamp(e.ExpiresAt),
	}
}

// longestBrief is in bytes. Most of these texts are short; of those that a
// refused request made up an index could not hold any more.
const longestBrief = 500

// brief makes text from outside storable, and short.
func brief(text string) string {
	text = legible(text)
	if len(text) <= longestBrief {
		return text
	}
	end := longestBrief
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
