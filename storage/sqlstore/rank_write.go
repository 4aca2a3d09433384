package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// block is one block of a list.
type block struct{ list, start string }

// applyRanks writes what a transaction did to lists. One transaction at a time
// does so, until it has committed; the lock is a statement of its own, for
// those after it see what the holder before has committed.
func (s *Store) applyRanks(ctx context.Context, r *ranks) error {
	if r.empty() {
		return nil
	}
	if s.dialect.lockRanks != "" {
		if _, err := s.exec(ctx, s.dialect.lockRanks); err != nil {
			return fmt.Errorf("lock ranks: %w", err)
		}
	}
	for _, list := range r.dropped {
		if _, err := s.exec(ctx, `DELETE FROM ranks WHERE list = $1`, list); err != nil {
			return fmt.Errorf("drop ranks: %w", err)
		}
	}
	if len(r.changed) == 0 {
		return nil
	}
	large, err := s.countRanks(ctx, r.rows())
	if err != nil {
		return fmt.Errorf("write ranks: %w", err)
	}
	for _, b := range large {
		if err := s.split(ctx, b); err != nil {
			return fmt.Errorf("split ranks: %w", err)
		}
	}
	return nil
}

// countRanks adds to the blocks that keys belong to, and returns those that have
// too many keys of a kind.
func (s *Store) countRanks(ctx context.Context, rows [][]any) ([]block, error) {
	var large []block
	type emptied struct {
		block
		kind int
	}
	var gone []emptied
	err := s.each(ctx, func(rows *sql.Rows) error {
		var b block
		var kind, n int
		if err := rows.Scan(&b.list, &b.start, &kind, &n); err != nil {
			return err
		}
		if n == 0 {
			gone = append(gone, emptied{b, kind})
		}
		if n > 2*s.block && !slices.Contains(large, b) {
			large = append(large, b)
		}
		return nil
	}, `INSERT INTO ranks (list, start, kind, n)
		SELECT list, start, kind, sum(added) FROM (
			SELECT list, kind, added, coalesce((SELECT start FROM ranks
				WHERE ranks.list = new.list AND ranks.start <= new.key ORDER BY ranks.start DESC LIMIT 1), '') AS start
			FROM (SELECT value ->> 0 AS list, value ->> 1 AS key, CAST(value ->> 2 AS INTEGER) AS kind,
				CAST(value ->> 3 AS BIGINT) AS added FROM `+s.elements(1)+` AS e) AS new) AS placed
		WHERE TRUE GROUP BY list, start, kind
		ON CONFLICT (list, start, kind) DO UPDATE SET n = ranks.n + excluded.n
		RETURNING list, start, kind, n`, jsonRows(rows))
	if err != nil {
		return nil, err
	}
	for _, e := range gone { // what comes there next counts for the block before
		if _, err := s.exec(ctx, `DELETE FROM ranks WHERE list = $1 AND start = $2 AND kind = $3`, e.list, e.start, e.kind); err != nil {
			return nil, err
		}
	}
	return large, nil
}

// split counts the keys of a block, and makes several of it if they are many.
func (s *Store) split(ctx context.Context, b block) error {
	l := s.dialect.listNamed(b.list)
	keys, err := s.keysOf(ctx, l, b.start)
	if err != nil {
		return err
	}
	pieces := max(1, len(keys)/s.block)
	counts := make(map[place]int)
	for i, key := range keys {
		start := i * pieces / len(keys) // of the piece that it is in: its number, and then its first key
		first := keys[(start*len(keys)+pieces-1)/pieces].key
		if start == 0 {
			first = b.start
		}
		counts[place{b.list, first, key.kind}]++
	}
	if _, err := s.exec(ctx, `DELETE FROM ranks WHERE list = $1 AND start = $2`, b.list, b.start); err != nil {
		return err
	}
	_, err = s.exec(ctx, `INSERT INTO ranks (list, start, kind, n)
		SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS INTEGER), CAST(value ->> 3 AS BIGINT)
		FROM `+s.elements(1)+` AS e`, jsonRows((&ranks{changed: counts}).rows()))
	return err
}

// keysOf reads the keys of a block, ascending.
func (s *Store) keysOf(ctx context.Context, l list, start string) ([]place, error) {
	var next sql.NullString
	err := s.one(ctx, []any{&next}, `SELECT min(start) FROM ranks WHERE list = $1 AND start > $2`, l.name, start)
	if err != nil {
		return nil, err
	}
	args := append(slices.Clone(l.args), start)
	where := fmt.Sprintf("%s AND %s AND %s >= $%d", l.where, l.listed, l.key, len(args))
	if next.Valid {
		args = append(args, next.String)
		where += fmt.Sprintf(" AND %s < $%d", l.key, len(args))
	}
	var keys []place
	err = s.each(ctx, func(rows *sql.Rows) error {
		var p place
		if err := rows.Scan(&p.key, &p.kind); err != nil {
			return err
		}
		p.kind = min(p.kind, maxKind)
		keys = append(keys, p)
		return nil
	}, `SELECT `+l.key+`, `+l.kind+` FROM `+l.table+` WHERE `+where+` ORDER BY `+l.key, args...)
	return keys, err
}
