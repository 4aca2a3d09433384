package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"gatehouse/identity"
)

// selection is a query of several conditions, or of an order that its condition
// is not in. No list is kept of what it finds.
type selection struct {
	prefix   string // folded
	group    string
	by       order // zero: by what the prefix found
	backward bool
	page     identity.Page
	state    identity.UserQuery // see stateConditions
}

// selectUsers returns a page of what a selection finds, and how many it finds.
func (s *Store) selectUsers(ctx context.Context, sel selection) ([]identity.User, int, error) {
	if sel.prefix != "" && sel.group != "" {
		small, err := s.groupIsSmaller(ctx, sel)
		if err != nil {
			return nil, 0, err
		}
		if small {
			return s.selectMembers(ctx, sel)
		}
	}
	from, args := s.sourceOf(sel)
	where, args := stateConditions(sel.state, args)
	from += where
	var total int
	if err := s.one(ctx, []any{&total}, `SELECT count(*) `+from, args...); err != nil {
		return nil, 0, err
	}
	key := "users." + sel.by.column
	if sel.by.column == "" {
		key = "found.entry"
	}
	if sel.backward {
		key += " DESC"
	}
	users, err := s.readUsers(ctx, fmt.Sprintf(`SELECT %s %s ORDER BY %s LIMIT $%d OFFSET $%d`,
		userColumns(s.dialect), from, key, len(args)+1, len(args)+2), append(args, sel.page.Limit, skipped(sel.page))...)
	return users, total, err
}

// sourceOf is the FROM and the WHERE of a selection. SQLite goes through a CROSS
// JOIN from left to right, and both databases look up a scalar query row by row:
// what finds little comes first.
func (s *Store) sourceOf(sel selection) (from string, args []any) {
	if sel.prefix == "" && sel.group == "" {
		return `FROM users WHERE TRUE`, nil
	}
	if sel.prefix == "" {
		return `FROM memberships CROSS JOIN users
			WHERE users.id = memberships.user_id AND memberships.group_id = $1`, []any{sel.group}
	}
	sp := s.dialect.prefixSpan(sel.prefix)
	where, args := sp.from(sp.prefix)
	from = `FROM (SELECT entry, ` + s.dialect.userIn("entry") + ` AS id FROM user_terms WHERE ` + where + `) AS found
		CROSS JOIN users WHERE users.id = found.id`
	if sel.group != "" {
		args = append(args, sel.group)
		from += fmt.Sprintf(` AND (SELECT 1 FROM memberships WHERE user_id = found.id AND group_id = $%d) = 1`, len(args))
	}
	return from, args
}

// groupIsSmaller says whether fewer users are in the group than have the prefix.
func (s *Store) groupIsSmaller(ctx context.Context, sel selection) (bool, error) {
	first := identity.Page{Number: 1}
	_, members, err := s.locate(ctx, span{list: s.dialect.listNamed(memberList + sel.group)}, first, false)
	if err != nil {
		return false, err
	}
	_, found, err := s.locate(ctx, s.dialect.prefixSpan(sel.prefix), first, false)
	return members < found, err
}

// selectMembers is selectUsers that looks at each member of the group.
func (s *Store) selectMembers(ctx context.Context, sel selection) ([]identity.User, int, error) {
	type match struct{ key, id string }
	var matches []match
	column := cmp.Or(sel.by.column, "id")
	where, args := stateConditions(sel.state, []any{sel.group})
	err := s.each(ctx, func(rows *sql.Rows) error {
		var u identity.User
		var m match
		if err := rows.Scan(&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, null(&m.key)); err != nil {
			return err
		}
		terms := termsOf(u) // ascending: the first one that matches is what the prefix finds
		i := slices.IndexFunc(terms, func(t term) bool { return strings.HasPrefix(t.value, sel.prefix) })
		if i < 0 {
			return nil
		}
		if m.id = u.ID; sel.by.column == "" {
			m.key = entryOf(terms[i].value, u.ID)
		}
		matches = append(matches, m)
		return nil
	}, `SELECT users.id, users.username, users.email, users.first_name, users.last_name, users.`+column+`
		FROM memberships JOIN users ON users.id = memberships.user_id WHERE memberships.group_id = $1`+where, args...)
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(matches, func(a, b match) int { return strings.Compare(a.key, b.key) })
	w := windowOf(sel.page, len(matches), sel.backward)
	ids, place := [][]any{}, make(map[string]int)
	for i, m := range matches[w.from:w.to] {
		ids, place[m.id] = append(ids, []any{m.id}), i
	}
	users, err := s.readUsers(ctx, `SELECT `+userColumns(s.dialect)+` FROM users
		WHERE id IN (SELECT value ->> 0 FROM `+s.elements(1)+` AS e)`, jsonRows(ids))
	slices.SortFunc(users, func(a, b identity.User) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	if sel.backward {
		slices.Reverse(users)
	}
	return users, len(matches), err
}
