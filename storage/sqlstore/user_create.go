package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity"
)

// createAtOnce is how many rows one statement inserts. Longer ones take longer to
// read than they save.
const createAtOnce = 50

// userFields says which field clashes when an index refuses a user.
var userFields = map[string]string{
	"users_pkey": "id", "users.id": "id",
	"users_username": "username", "users.username_key": "username",
	"users_email": "email", "users.email_key": "email",
}

// CreateUser implements identity.Users.
func (s *Store) CreateUser(ctx context.Context, user identity.User) error {
	return s.CreateUsers(ctx, []identity.User{user})
}

// CreateUsers implements identity.Users.
func (s *Store) CreateUsers(ctx context.Context, users []identity.User) error {
	rows := make([]userRow, len(users))
	var memberships [][2]string // group and user
	for i, user := range users {
		rows[i] = newUserRow(user)
		for _, group := range user.Groups {
			if !storable(group) {
				return errors.GroupNotFound
			}
			memberships = append(memberships, [2]string{group, user.ID})
		}
	}
	if len(users) == 0 {
		return nil
	}
	// All take their locks on groups in the same order.
	slices.SortFunc(memberships, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	err := s.InTx(ctx, func(ctx context.Context) error {
		if len(users) == 1 {
			if err := s.checkNames(ctx, users[0]); err != nil {
				return err
			}
		}
		if err := s.db(ctx).CreateInBatches(rows, createAtOnce).Error; err != nil {
			return conflict(err, userFields)
		}
		if err := s.join(ctx, memberships); err != nil {
			return err
		}
		return s.list(ctx, users...)
	})
	if err != nil {
		return fmt.Errorf("create users: %w", err)
	}
	return nil
}

// join stores memberships.
func (s *Store) join(ctx context.Context, memberships [][2]string) error {
	if len(memberships) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `INSERT INTO memberships (group_id, user_id)
		SELECT value ->> 0, value ->> 1 FROM `+s.elements(1)+` AS e`, jsonRows(memberships))
	if errors.Is(err, errForeignKey) {
		return errors.GroupNotFound.Because(err)
	}
	return err
}

// checkNames returns errors.Conflict when somebody else has the username or the
// address of a user. It names both fields where an index would name one; of two
// that race the index refuses one.
func (s *Store) checkNames(ctx context.Context, user identity.User) error {
	var username, email bool
	err := s.one(ctx, []any{&username, &email}, `SELECT
		EXISTS (SELECT 1 FROM users WHERE username_key = $1 AND id <> $3),
		EXISTS (SELECT 1 FROM users WHERE email_key = $2 AND id <> $3)`,
		identity.UsernameKey(user.Username), identity.EmailKey(user.Email), user.ID)
	if err != nil {
		return err
	}
	taken := make(map[string]string)
	if username {
		taken["username"] = inUse
	}
	if email {
		taken["email"] = inUse
	}
	if len(taken) > 0 {
		return errors.Conflict.On(taken)
	}
	return nil
}
