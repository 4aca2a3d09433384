package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity"
)

// userToChange is UserToChange for a change of what the user is listed by: one
// that an earlier release created is listed first.
func (s *Store) userToChange(ctx context.Context, id string) (identity.User, error) {
	if !storable(id) {
		return identity.User{}, errors.UserNotFound
	}
	var listed bool
	err := s.one(ctx, []any{&listed}, `SELECT last_name_order IS NOT NULL FROM users WHERE id = $1`+s.dialect.hold, id)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.User{}, errors.UserNotFound
	}
	if err != nil {
		return identity.User{}, err
	}
	user, err := s.User(ctx, id)
	if err == nil && !listed {
		err = s.listAgain(ctx, user)
	}
	return user, err
}

// list has new users found by queries.
func (s *Store) list(ctx context.Context, users ...identity.User) error {
	ranks := &s.tx(ctx).ranks
	var entries [][]any
	for _, user := range users {
		terms := termsOf(user)
		ranks.add(1, placesOf(user, terms)...)
		for _, group := range user.Groups {
			ranks.add(1, placeIn(group, user.ID))
		}
		for _, t := range terms {
			entries = append(entries, []any{entryOf(t.value, user.ID), t.shared})
		}
	}
	return s.insertTerms(ctx, entries)
}

// relist has a user found by what it is now, not by what it was. Its groups
// are left to enter and leave.
func (s *Store) relist(ctx context.Context, before, after identity.User) error {
	ranks := &s.tx(ctx).ranks
	old, terms := termsOf(before), termsOf(after)
	ranks.add(-1, placesOf(before, old)...)
	ranks.add(1, placesOf(after, terms)...)
	var entries [][]any
	for _, t := range terms {
		if i := slices.Index(old, t); i >= 0 {
			old = slices.Delete(old, i, i+1)
			continue
		}
		entries = append(entries, []any{entryOf(t.value, after.ID), t.shared})
	}
	if err := s.deleteTerms(ctx, before.ID, old); err != nil {
		return err
	}
	return s.insertTerms(ctx, entries)
}

// unlist has a user that is gone, and in no group, found no more.
func (s *Store) unlist(ctx context.Context, user identity.User) error {
	terms := termsOf(user)
	s.tx(ctx).ranks.add(-1, placesOf(user, terms)...)
	return s.deleteTerms(ctx, user.ID, terms)
}

func (s *Store) insertTerms(ctx context.Context, entries [][]any) error {
	if len(entries) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `INSERT INTO user_terms (entry, shared)
		SELECT value ->> 0, CAST(value ->> 1 AS INTEGER) FROM `+s.elements(1)+` AS e`, jsonRows(entries))
	return err
}

func (s *Store) deleteTerms(ctx context.Context, userID string, terms []term) error {
	for _, t := range terms {
		if _, err := s.exec(ctx, `DELETE FROM user_terms WHERE entry = $1`, entryOf(t.value, userID)); err != nil {
			return err
		}
	}
	return nil
}

// listAgain lists users that an earlier release created, which are held.
func (s *Store) listAgain(ctx context.Context, users ...identity.User) error {
	orders := make([][]any, len(users))
	for i, user := range users {
		orders[i] = []any{user.ID, lastNameOrder(user)}
	}
	_, err := s.exec(ctx, `UPDATE users SET last_name_order = e.value ->> 1 FROM `+s.elements(1)+` AS e
		WHERE users.id = e.value ->> 0`, jsonRows(orders))
	if err != nil {
		return err
	}
	return s.list(ctx, users...)
}

// listAtOnce is how many users listEarlier lists in a transaction.
const listAtOnce = 500

// listEarlier lists all users that an earlier release created, some at a time.
func (s *Store) listEarlier(ctx context.Context) error {
	for {
		listed := 0
		err := s.InTx(ctx, func(ctx context.Context) error {
			users, err := s.readUsers(ctx, `SELECT `+userColumns(s.dialect)+` FROM users
				WHERE last_name_order IS NULL ORDER BY id LIMIT $1`+s.dialect.hold, listAtOnce)
			if err != nil || len(users) == 0 {
				return err
			}
			listed = len(users)
			return s.listAgain(ctx, users...)
		})
		if err != nil || listed == 0 {
			return err
		}
	}
}
