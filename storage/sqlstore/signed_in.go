package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"gatehouse/storage"
)

// signIn is a row that is stored for somebody who has proved who they are, and
// what is stored with it.
type signIn struct {
	insert    string // up to its FROM
	conflict  string // what follows the WHERE; empty: nothing
	returning string // a column of the row
	args      []any  // of insert; $2 is the user
	password  string // hash that the user must have; empty: any
	storage.SignedIn
}

// storeSignIn stores a sign-in of a user who is as they were when the password was
// checked, the day of it and its event, in one round trip. It says how many it
// stored.
func (s *Store) storeSignIn(ctx context.Context, in signIn) (int64, error) {
	args, conditions := in.args, "users.id = $2 AND NOT users.disabled"
	next := func(values ...any) int {
		args = append(args, values...)
		return len(args)
	}
	if in.password != "" {
		conditions += fmt.Sprintf(" AND users.password_hash = $%d", next(in.password))
	}
	day := ""
	if !in.Day.IsZero() {
		day = fmt.Sprintf("UPDATE users SET last_sign_in = $%d WHERE ", next(stamp(in.Day)))
	}
	event := fmt.Sprintf("INSERT INTO audit_events (%s) SELECT %s", auditColumns, marks(len(args), auditWidth))
	next(auditValues(in.Event)...)
	if s.dialect.writesInWith {
		return s.exec(ctx, in.nested(s.dialect, conditions, day, event), args...)
	}
	return s.exec(ctx, in.inTurn(conditions, day, event), args...)
}

// nested is one statement. Two that share the user's row and then change it would
// wait for each other, so who writes the day changes the row at once.
func (in signIn) nested(d dialect, conditions, day, event string) string {
	allowed := "SELECT users.id FROM users WHERE " + conditions + d.share
	if day != "" {
		allowed = day + conditions + " RETURNING users.id"
	}
	return fmt.Sprintf("WITH allowed AS (%s), stored AS (%s FROM allowed%s RETURNING %s) %s FROM stored",
		allowed, in.insert, in.conflict, in.returning, event)
}

// inTurn is several statements, each for what the one before has changed.
func (in signIn) inTurn(conditions, day, event string) string {
	all := []string{in.insert + " FROM users WHERE " + conditions + in.conflict}
	if day != "" {
		all = append(all, day+"users.id = $2 AND changes() > 0")
	}
	return strings.Join(append(all, event+" WHERE changes() > 0"), then)
}
