package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gatehouse/identity"
)

// span is what a query finds in a list: all of it, or the terms that begin with
// a prefix, each user once.
type span struct {
	list
	prefix string
	end    string // see after
}

// prefixSpan returns the terms that begin with a folded prefix.
func (d dialect) prefixSpan(prefix string) span {
	end, ok := after(prefix)
	if !ok { // nothing can be greater than this
		end = strings.Repeat(string(utf8.MaxRune), maxTerm/utf8.UTFMax+1)
	}
	return span{list: d.listNamed(termList), prefix: prefix, end: end}
}

// listPage returns a page of the users that a span finds, in order of its keys
// or backward, and how many it finds.
func (s *Store) listPage(ctx context.Context, sp span, page identity.Page, backward bool) ([]identity.User, int, error) {
	start, total, err := s.locate(ctx, sp, page, backward)
	if err != nil {
		return nil, 0, err
	}
	w := windowOf(page, total, backward)
	if w.from == w.to {
		return []identity.User{}, total, nil
	}
	where, args := sp.from(start.key)
	users, err := s.readUsers(ctx, fmt.Sprintf(`SELECT %s FROM (
			SELECT %[2]s AS key FROM %[3]s WHERE %[4]s ORDER BY %[2]s LIMIT $%[5]d OFFSET $%[6]d) AS page
		JOIN users ON %[7]s ORDER BY page.key`,
		userColumns(s.dialect), sp.key, sp.table, where, len(args)+1, len(args)+2, sp.user),
		append(args, w.to-w.from, w.from-start.before)...)
	if backward {
		slices.Reverse(users)
	}
	return users, total, err
}

// from is the condition of the keys of a span from one on.
func (sp span) from(start string) (where string, args []any) {
	args = append(slices.Clone(sp.args), start)
	where = fmt.Sprintf("%s AND %s >= $%d", sp.where, sp.key, len(args))
	if sp.end != "" {
		args = append(args, sp.end, len(sp.prefix))
		where += fmt.Sprintf(" AND %s < $%d AND %s < $%d", sp.key, len(args)-1, sp.kind, len(args))
	}
	return where, args
}

// located is a key of a span, and how many come before it.
type located struct {
	key    string
	before int
}

// locate returns how many keys a span has, and a key before the first one of
// the page, but not long before. It is one statement, for blocks may be split
// between two.
func (s *Store) locate(ctx context.Context, sp span, page identity.Page, backward bool) (start located, total int, err error) {
	blocks, args := sp.blocks()
	n := len(args) + 1
	first, skip := fmt.Sprintf("$%d", n), skipped(page)
	if backward {
		first, skip = fmt.Sprintf("total - $%d", n), skip+page.Limit
	}
	var key sql.NullString
	var before sql.NullInt64
	err = s.one(ctx, []any{&total, &key, &before}, fmt.Sprintf(`SELECT CAST(coalesce(max(total), 0) AS BIGINT),
			max(CASE WHEN before <= %[1]s THEN start END),
			CAST(max(CASE WHEN before <= %[1]s THEN before END) AS BIGINT)
		FROM (SELECT start, sum(n) OVER (ORDER BY start) - n AS before, sum(n) OVER () AS total
			FROM (%[2]s) AS blocks) AS placed`, first, blocks), append(args, skip)...)
	if !key.Valid { // there is none, or the page reaches past the first
		key.String = sp.prefix
	}
	return located{key.String, int(before.Int64)}, total, err
}

// blocks is a query of the blocks of a span: start and how many keys it has.
// Blocks that begin or end outside of it are counted as far as they are inside.
func (sp span) blocks() (query string, args []any) {
	if sp.end == "" {
		return `SELECT start, sum(n) AS n FROM ranks WHERE list = $1 GROUP BY start`, []any{sp.name}
	}
	return `WITH inner_blocks AS (
			SELECT start, sum(CASE WHEN kind < $3 THEN n ELSE 0 END) AS n FROM ranks
			WHERE list = '` + termList + `' AND start > $1 AND start < $2 GROUP BY start),
		edges AS (SELECT min(start) AS first, max(start) AS last FROM inner_blocks)
		SELECT start, n FROM inner_blocks WHERE start < (SELECT last FROM edges)
		UNION ALL SELECT last, (SELECT count(*) FROM user_terms WHERE entry >= last AND entry < $2 AND shared < $3)
			FROM edges WHERE last IS NOT NULL
		UNION ALL SELECT $1, (SELECT count(*) FROM user_terms
			WHERE entry >= $1 AND entry < (SELECT coalesce(first, $2) FROM edges) AND shared < $3)`,
		[]any{sp.prefix, sp.end, len(sp.prefix)}
}
