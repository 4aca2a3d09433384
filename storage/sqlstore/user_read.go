package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"gatehouse/errors"
	"gatehouse/identity"
)

// User implements identity.Users.
func (s *Store) User(ctx context.Context, id string) (identity.User, error) {
	return s.userWhere(ctx, "id", id)
}

// UserByUsername implements identity.Users.
func (s *Store) UserByUsername(ctx context.Context, username string) (identity.User, error) {
	return s.userWhere(ctx, "username_key", identity.UsernameKey(username))
}

// UserByEmail implements identity.Users.
func (s *Store) UserByEmail(ctx context.Context, email string) (identity.User, error) {
	return s.userWhere(ctx, "email_key", identity.EmailKey(email))
}

// UserToChange implements identity.Users.
func (s *Store) UserToChange(ctx context.Context, id string) (identity.User, error) {
	if err := s.hold(ctx, "users", id); err != nil {
		return identity.User{}, fmt.Errorf("read user to change: %w", err)
	}
	// The groups are read after the row is locked: a statement that waits for a
	// lock looks at other tables as they were before.
	return s.User(ctx, id)
}

// UsersNamed implements identity.Users.
func (s *Store) UsersNamed(ctx context.Context, usernames, emails []string) ([]identity.User, error) {
	users, err := s.readUsers(ctx, `SELECT `+userColumns(s.dialect)+` FROM users WHERE id IN (
		SELECT id FROM users WHERE username_key IN (SELECT value ->> 0 FROM `+s.elements(1)+` AS e)
		UNION SELECT id FROM users WHERE email_key IN (SELECT value ->> 0 FROM `+s.elements(2)+` AS e))`,
		jsonKeys(usernames, identity.UsernameKey), jsonKeys(emails, identity.EmailKey))
	if err != nil {
		return nil, fmt.Errorf("read users by names: %w", err)
	}
	return users, nil
}

// UsersByID implements identity.Users.
func (s *Store) UsersByID(ctx context.Context, ids []string) ([]identity.User, error) {
	users, err := s.readUsers(ctx, `SELECT `+userColumns(s.dialect)+` FROM users
		WHERE id IN (SELECT value ->> 0 FROM `+s.elements(1)+` AS e)`, jsonKeys(ids, asItIs))
	if err != nil {
		return nil, fmt.Errorf("read users by id: %w", err)
	}
	return users, nil
}

// UsersAfter implements identity.Users.
func (s *Store) UsersAfter(ctx context.Context, id string, limit int) ([]identity.User, error) {
	users, err := s.readUsers(ctx, `SELECT `+userColumns(s.dialect)+` FROM users
		WHERE id > $1 ORDER BY id LIMIT $2`, legible(id), limit)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	return users, nil
}

// userWhere reads the user with a value in a unique column.
func (s *Store) userWhere(ctx context.Context, column, value string) (identity.User, error) {
	if !storable(value) {
		return identity.User{}, errors.UserNotFound
	}
	users, err := s.readUsers(ctx, `SELECT `+userColumns(s.dialect)+` FROM users WHERE `+column+` = $1`, value)
	if err != nil {
		return identity.User{}, fmt.Errorf("read user: %w", err)
	}
	if len(users) == 0 {
		return identity.User{}, errors.UserNotFound
	}
	return users[0], nil
}

// readUsers reads what a query of userColumns returns.
func (s *Store) readUsers(ctx context.Context, query string, args ...any) ([]identity.User, error) {
	users := []identity.User{}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var row userRow
		if err := rows.Scan(row.fields()...); err != nil {
			return err
		}
		users = append(users, row.user())
		return nil
	}, query, args...)
	return users, err
}

func asItIs(key string) string { return key }

// jsonKeys is an argument for elements: the keys of those values that can have
// been stored.
func jsonKeys(values []string, key func(string) string) string {
	rows := make([][]any, 0, len(values))
	for _, value := range values {
		if storable(value) {
			rows = append(rows, []any{key(value)})
		}
	}
	return jsonRows(rows)
}
