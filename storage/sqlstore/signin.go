package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/storage"
)

// SignIn implements storage.SignIns.
func (s *Store) SignIn(ctx context.Context, q storage.SignInQuery) (storage.SignIn, error) {
	args := []any{identity.UsernameKey(legible(q.Username))}
	keys := make(map[string]string, len(q.Keys)) // by digest
	for _, key := range q.Keys {
		args = append(args, digest(key))
		keys[string(digest(key))] = key
	}
	signIn := storage.SignIn{Failures: make(map[string]storage.Failures, len(q.Keys))}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var row signInRow
		if err := rows.Scan(row.fields()...); err != nil {
			return err
		}
		row.addTo(&signIn, keys)
		return nil
	}, signInQuery(s.dialect, len(q.Keys)), args...)
	if err != nil {
		return storage.SignIn{}, fmt.Errorf("read sign-in: %w", err)
	}
	return signIn, nil
}

// signInQuery returns a row for each key that has failures, or one without.
// Each repeats the user, if there is one.
func signInQuery(d dialect, keys int) string {
	in := "FALSE"
	if keys > 0 {
		in = "throttles.key IN (" + marks(1, keys) + ")"
	}
	return `SELECT ` + userColumns(d) + `,
			throttles.key, throttles.failures, throttles.allowed, throttles.last_at, throttles.frozen_until
		FROM (SELECT 1) AS always
		LEFT JOIN users ON users.username_key = $1
		LEFT JOIN throttles ON ` + in
}

// signInRow is a row of signInQuery. What there was nothing to join with is zero.
type signInRow struct {
	user                userRow
	key                 []byte
	failures, allowed   int
	lastAt, frozenUntil stamp
}

func (r *signInRow) fields() []any {
	return append(r.user.fields(), &r.key,
		null(&r.failures), null(&r.allowed), &r.lastAt, &r.frozenUntil)
}

func (r *signInRow) addTo(signIn *storage.SignIn, keys map[string]string) {
	if r.user.ID != "" {
		user := r.user.user()
		signIn.User = &user
	}
	if r.key == nil {
		return
	}
	failures := storage.Failures{Count: r.failures, LastAt: time.Time(r.lastAt)}
	if r.failures >= r.allowed {
		failures.FrozenUntil = time.Time(r.frozenUntil)
	}
	signIn.Failures[keys[string(r.key)]] = failures
}

// RecordFailures implements storage.SignIns. The rows are in order of their keys,
// so that two statements cannot wait for each other. Where a failure has frozen
// something of a user, their row says so.
func (s *Store) RecordFailures(ctx context.Context, failures []storage.Failure) error {
	if len(failures) == 0 {
		return nil
	}
	sorted := slices.SortedFunc(slices.Values(failures), func(a, b storage.Failure) int {
		return slices.Compare(digest(a.Key), digest(b.Key))
	})
	const width = 7
	args := make([]any, 0, width*len(sorted)+2)
	var own []int // the arguments that are keys of a user
	userID, at := "", stamp{}
	for _, f := range sorted {
		if f.UserID != "" {
			own, userID, at = append(own, len(args)+1), f.UserID, stamp(f.At)
		}
		args = append(args, digest(f.Key), 1, f.Limit,
			stamp(f.At), stamp(f.At.Add(f.Freeze)), stamp(f.At.Add(f.Window)), stamp(f.Since))
	}
	query := `INSERT INTO throttles (key, failures, allowed, last_at, frozen_until, forgotten_at, counted_from)
		VALUES ` + tuples(len(sorted), width) + `
		ON CONFLICT (key) DO UPDATE SET
			failures = CASE WHEN throttles.forgotten_at <= excluded.last_at OR throttles.last_at <= excluded.counted_from
				THEN 1 ELSE throttles.failures + 1 END,
			allowed = excluded.allowed, last_at = excluded.last_at,
			frozen_until = excluded.frozen_until, forgotten_at = excluded.forgotten_at, counted_from = excluded.counted_from`
	if own != nil {
		query = s.dialect.noteFreeze(query, own, len(args))
		args = append(args, userID, at)
	}
	if _, err := s.exec(ctx, query, args...); err != nil {
		return fmt.Errorf("record failed sign-in: %w", err)
	}
	return nil
}

// noteFreeze adds to a statement that counts failures that the user whose keys are
// in the arguments given is frozen, if now one of them is. The next two arguments
// are the user and when it failed; who was unlocked since stays so.
func (d dialect) noteFreeze(count string, own []int, args int) string {
	keys := make([]string, len(own))
	for i, n := range own {
		keys[i] = fmt.Sprintf("$%d", n)
	}
	update := func(counted string) string {
		return fmt.Sprintf(`UPDATE users SET frozen_until = CASE WHEN users.frozen_until > thaw.at THEN users.frozen_until ELSE thaw.at END
			FROM (SELECT max(frozen_until) AS at FROM %s WHERE failures >= allowed AND key IN (%s)) AS thaw
			WHERE users.id = $%d AND thaw.at IS NOT NULL AND (users.unlocked_at IS NULL OR users.unlocked_at < $%d)`,
			counted, strings.Join(keys, ", "), args+1, args+2)
	}
	if d.writesInWith {
		return "WITH counted AS (" + count + " RETURNING key, failures, allowed, frozen_until) " + update("counted")
	}
	return count + then + update("throttles")
}

// ClearFailures implements storage.SignIns.
func (s *Store) ClearFailures(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	args := make([]any, len(keys))
	for i, key := range keys {
		args[i] = digest(key)
	}
	_, err := s.exec(ctx, `DELETE FROM throttles WHERE key IN (`+marks(0, len(keys))+`)`, args...)
	if err != nil {
		return fmt.Errorf("clear failed sign-ins: %w", err)
	}
	return nil
}
