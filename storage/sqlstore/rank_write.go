package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
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
	rows, err := s.rankRows(ctx, r.changed)
	if err != nil {
		return fmt.Errorf("find ranks: %w", err)
	}
	large, err := s.countRanks(ctx, rows)
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

// manyKeys is from how many keys of a list on their blocks are read at once, not
// looked up one by one.
const manyKeys = 64

// rankRows makes elements for countRanks: list, key, kind, how many more, and,
// where it is known, the block. What is known to go into one block is one row.
func (s *Store) rankRows(ctx context.Context, changed map[place]int) ([][]any, error) {
	lists := make(map[string][]place)
	for p := range changed {
		lists[p.list] = append(lists[p.list], p)
	}
	var rows [][]any
	for list, places := range lists {
		if len(places) < manyKeys {
			for _, p := range places {
				rows = append(rows, []any{list, p.key, p.kind, changed[p]})
			}
			continue
		}
		slices.SortFunc(places, func(a, b place) int { return strings.Compare(a.key, b.key) })
		starts, err := s.startsBetween(ctx, list, places[0].key, places[len(places)-1].key)
		if err != nil {
			return nil, err
		}
		added := make(map[place]int)
		for _, p := range places {
			for len(starts) > 1 && starts[1] <= p.key {
				starts = starts[1:]
			}
			added[place{list, starts[0], p.kind}] += changed[p]
		}
		for p, n := range added {
			rows = append(rows, []any{list, "", p.kind, n, p.key})
		}
	}
	return rows, nil
}

// startsBetween returns where the blocks of the keys from one to another start.
func (s *Store) startsBetween(ctx context.Context, list, first, last string) ([]string, error) {
	var starts []string
	err := s.each(ctx, func(rows *sql.Rows) error {
		var start string
		err := rows.Scan(&start)
		starts = append(starts, start)
		return err
	}, `SELECT DISTINCT start FROM ranks WHERE list = $1 AND start <= $3
		AND start >= coalesce((SELECT max(start) FROM ranks WHERE list = $1 AND start <= $2), '') ORDER BY start`, list, first, last)
	if len(starts) == 0 || starts[0] > first {
		starts = append([]string{""}, starts...)
	}
	return starts, err
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
			SELECT list, kind, added, coalesce(found, (SELECT start FROM ranks
				WHERE ranks.list = new.list AND ranks.start <= new.key ORDER BY ranks.start DESC LIMIT 1), '') AS start
			FROM (SELECT value ->> 0 AS list, value ->> 1 AS key, CAST(value ->> 2 AS INTEGER) AS kind,
				CAST(value ->> 3 AS BIGINT) AS added, value ->> 4 AS found FROM `+s.elements(1)+` AS e) AS new) AS placed
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
	rows := make([][]any, 0, len(counts))
	for p, n := range counts {
		rows = append(rows, []any{p.list, p.key, p.kind, n})
	}
	_, err = s.exec(ctx, `INSERT INTO ranks (list, start, kind, n)
		SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS INTEGER), CAST(value ->> 3 AS BIGINT)
		FROM `+s.elements(1)+` AS e`, jsonRows(rows))
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
