package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"gatehouse/storage"
)

// AuditEvents implements storage.Audit. Whatever the query, the newest events
// are found by walking an index backwards from where the page begins: that of
// the actor, the subject or the kind of event, or the primary key.
func (s *Store) AuditEvents(ctx context.Context, q storage.AuditQuery) ([]storage.AuditEvent, error) {
	query, args := auditQuery(q)
	if ofKinds := q.SubjectType != "" || q.Action != ""; ofKinds && q.Actor == "" && q.Subject == "" {
		kinds, err := s.auditKinds(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read audit events: %w", err)
		}
		if len(kinds) == 0 {
			return nil, nil
		}
		query, args = auditKindsQuery(q, kinds)
	}
	var events []storage.AuditEvent
	err := s.each(ctx, func(rows *sql.Rows) error {
		event, err := scanAuditEvent(rows)
		events = append(events, event)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read audit events: %w", err)
	}
	return events, nil
}

// auditConditions is the WHERE clause of a query, and its arguments.
type auditConditions struct {
	parts []string
	args  []any
}

// add adds a condition, in which ? stands for the argument.
func (c *auditConditions) add(condition string, arg any) {
	c.args = append(c.args, arg)
	c.parts = append(c.parts, strings.Replace(condition, "?", fmt.Sprintf("$%d", len(c.args)), 1))
}

// idSlack is how far the time in an event's id may be from the event's.
const idSlack = time.Minute

// end closes the query: the conditions so far, and those on time, which bound
// how far an index is walked, for ids are made of times.
func (c *auditConditions) end(q storage.AuditQuery) string {
	if q.Before != "" {
		c.add("id < ?", brief(q.Before))
	}
	if !q.From.IsZero() {
		c.add("id >= ?", storage.FirstID(q.From.Add(-idSlack)))
		c.add("at >= ?", stamp(q.From))
	}
	if !q.To.IsZero() {
		c.add("id < ?", storage.FirstID(q.To.Add(idSlack)))
		c.add("at < ?", stamp(q.To))
	}
	where := ""
	if len(c.parts) > 0 {
		where = " WHERE " + strings.Join(c.parts, " AND ")
	}
	c.parts = nil
	c.args = append(c.args, q.Limit)
	return fmt.Sprintf("%s ORDER BY id DESC LIMIT $%d", where, len(c.args))
}

// auditQuery is for queries that name an actor, a subject, or nothing but times.
// What is less than that is put so that no index on it seems to be of use.
func auditQuery(q storage.AuditQuery) (string, []any) {
	var c auditConditions
	if q.Actor != "" {
		c.add("actor_id = ?", brief(q.Actor))
	}
	if q.Subject != "" {
		c.add("subject_id = ?", brief(q.Subject))
	}
	if q.SubjectType != "" {
		c.add("subject_type || '' = ?", brief(q.SubjectType))
	}
	if below, ok := strings.CutSuffix(q.Action, "."); ok {
		c.add("action || '' >= ?", brief(q.Action))
		c.add("action || '' < ?", brief(below+"/")) // which follows the dot
	} else if q.Action != "" {
		c.add("action || '' = ?", brief(q.Action))
	}
	return "SELECT " + auditColumns + " FROM audit_events" + c.end(q), c.args
}

// auditKind is what an event is about, and what was done.
type auditKind struct{ subjectType, action string }

// auditKindsQuery is for queries that name neither actor nor subject: it takes
// the newest events of each kind, and of these the newest.
func auditKindsQuery(q storage.AuditQuery, kinds []auditKind) (string, []any) {
	var c auditConditions
	newest := make([]string, len(kinds))
	for i, kind := range kinds {
		c.add("subject_type = ?", kind.subjectType)
		c.add("action = ?", kind.action)
		newest[i] = fmt.Sprintf("SELECT id FROM (SELECT id FROM audit_events%s) AS kind_%d", c.end(q), i)
	}
	return fmt.Sprintf("SELECT %s FROM audit_events WHERE id IN (%s) ORDER BY id DESC LIMIT $%d",
		auditColumns, strings.Join(newest, " UNION ALL "), len(c.args)), c.args
}

// auditKinds returns the kinds of event that there are and the query is about.
func (s *Store) auditKinds(ctx context.Context, q storage.AuditQuery) ([]auditKind, error) {
	var kinds []auditKind
	last := auditKind{subjectType: brief(q.SubjectType)}
	for {
		next, found, err := s.nextAuditKind(ctx, last)
		if err != nil {
			return nil, err
		}
		if !found || q.SubjectType != "" && next.subjectType != last.subjectType {
			return kinds, nil
		}
		if q.Action == "" || q.Action == next.action || strings.HasSuffix(q.Action, ".") && strings.HasPrefix(next.action, q.Action) {
			kinds = append(kinds, next)
		}
		last = next
	}
}

// nextAuditKind jumps from one kind of event to the next in their index, for
// they are few. It asks for the next of the same type first: no database makes
// one jump of a comparison of pairs.
func (s *Store) nextAuditKind(ctx context.Context, last auditKind) (next auditKind, found bool, err error) {
	read := func(rows *sql.Rows) error {
		found = true
		return rows.Scan(&next.subjectType, &next.action)
	}
	const columns = "SELECT subject_type, action FROM audit_events WHERE "
	err = s.each(ctx, read, columns+"subject_type = $1 AND action > $2 ORDER BY action LIMIT 1", last.subjectType, last.action)
	if err == nil && !found {
		err = s.each(ctx, read, columns+"subject_type > $1 ORDER BY subject_type, action LIMIT 1", last.subjectType)
	}
	return next, found, err
}

func scanAuditEvent(rows *sql.Rows) (storage.AuditEvent, error) {
	var e storage.AuditEvent
	var at, expiresAt stamp
	var before, after column[map[string]any]
	err := rows.Scan(&e.ID, &at, &e.ActorType, &e.ActorID, &e.ActorName, &e.Action, &e.SubjectType, &e.SubjectID, &e.SubjectName,
		&e.Address, &e.RequestID, &e.Code, &before, &after, &expiresAt)
	e.At, e.ExpiresAt = time.Time(at), time.Time(expiresAt)
	e.Before, e.After = before.v, after.v
	return e, err
}
