package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// UpdateUser implements identity.Users.
func (s *Store) UpdateUser(ctx context.Context, user identity.User) error {
	row := newUserRow(user)
	err := s.InTx(ctx, func(ctx context.Context) error {
		before, err := s.userToChange(ctx, user.ID)
		if err != nil {
			return err
		}
		if err := s.checkNames(ctx, user); err != nil {
			return err
		}
		err = s.db(ctx).Model(&userRow{}).Where("id = ?", user.ID).UpdateColumns(map[string]any{
			"username": row.Username, "username_key": row.UsernameKey,
			"email": row.Email, "email_key": row.EmailKey, "email_verified": row.EmailVerified,
			"first_name": row.FirstName, "last_name": row.LastName, "last_name_order": row.LastNameOrder,
			"metadata": row.Metadata, "disabled": row.Disabled,
			"updated_at": row.UpdatedAt, "version": row.Version,
		}).Error
		if err != nil {
			return conflict(err, userFields)
		}
		if err := s.regroup(ctx, before, user.Groups); err != nil {
			return err
		}
		if err := s.relist(ctx, before, user); err != nil {
			return err
		}
		if user.Disabled && !before.Disabled {
			if err := s.SignOutEverywhere(ctx, user.ID, ""); err != nil {
				return err
			}
		}
		return s.announceUser(ctx, user.ID, user.UpdatedAt)
	})
	if err != nil {
		return fmt.Errorf("change user: %w", err)
	}
	return nil
}

// regroup makes the groups of a user those given.
func (s *Store) regroup(ctx context.Context, before identity.User, groups []string) error {
	groups = slices.Compact(slices.Sorted(slices.Values(groups)))
	for _, group := range before.Groups {
		if !slices.Contains(groups, group) {
			if _, err := s.leave(ctx, group, before.ID); err != nil {
				return err
			}
		}
	}
	for _, group := range groups {
		if !slices.Contains(before.Groups, group) {
			if _, err := s.enter(ctx, group, before.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// DeleteUser implements identity.Users.
func (s *Store) DeleteUser(ctx context.Context, id string, at time.Time) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		user, err := s.userToChange(ctx, id)
		if err != nil {
			return err
		}
		if err := s.regroup(ctx, user, nil); err != nil {
			return err
		}
		if _, err := s.exec(ctx, `DELETE FROM users WHERE id = $1`, id); err != nil {
			return err
		}
		if err := s.unlist(ctx, user); err != nil {
			return err
		}
		return s.announceUser(ctx, id, at)
	})
	if err != nil {
		return fmt.Errorf("delete user: %w", err)
	}
	return nil
}

// SetPasswordHash implements identity.Users.
func (s *Store) SetPasswordHash(ctx context.Context, id, hash string, at time.Time) error {
	if !storable(id) {
		return errors.UserNotFound
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, `UPDATE users SET password_hash = $2, version = version + 1, credentials = credentials + 1, updated_at = $3
			WHERE id = $1`, id, hash, stamp(at))
		if err != nil {
			return err
		}
		if n == 0 {
			return errors.UserNotFound
		}
		return s.announceUser(ctx, id, at)
	})
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

// RenewPasswordHash implements identity.Users.
func (s *Store) RenewPasswordHash(ctx context.Context, id, old, renewed string, at time.Time) (bool, error) {
	if !storable(id) {
		return false, nil
	}
	n := int64(0)
	err := s.InTx(ctx, func(ctx context.Context) (err error) {
		n, err = s.exec(ctx, `UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, id, old, renewed)
		if err != nil || n == 0 {
			return err
		}
		return s.announceUser(ctx, id, at)
	})
	if err != nil {
		return false, fmt.Errorf("renew password hash: %w", err)
	}
	return n == 1, nil
}

// UnlockUser implements identity.Users. Nobody caches what it writes.
func (s *Store) UnlockUser(ctx context.Context, id string, now time.Time) error {
	if !storable(id) {
		return errors.UserNotFound
	}
	n, err := s.exec(ctx, `UPDATE users SET unlocked_at = $2, frozen_until = NULL WHERE id = $1`, id, stamp(now))
	switch {
	case err != nil:
		return fmt.Errorf("unlock user: %w", err)
	case n == 0:
		return errors.UserNotFound
	}
	return nil
}

// AnotherAdmin implements identity.Users. Whoever asks holds the row of the
// group, and looks for others in a statement of its own, which sees what the
// holder before has committed. The lock is one that others may become members
// under, for they only refer to the row.
func (s *Store) AnotherAdmin(ctx context.Context, userID string) (bool, error) {
	if err := s.hold(ctx, "groups", identity.AdminGroup); err != nil {
		return false, fmt.Errorf("look for administrators: %w", err)
	}
	var another bool
	err := s.one(ctx, []any{&another}, `SELECT EXISTS (
		SELECT 1 FROM memberships JOIN users ON users.id = memberships.user_id
		WHERE memberships.group_id = $1 AND users.id <> $2 AND NOT users.disabled)`,
		identity.AdminGroup, legible(userID))
	if err != nil {
		return false, fmt.Errorf("look for administrators: %w", err)
	}
	return another, nil
}

// announceUser has all nodes forget a user.
func (s *Store) announceUser(ctx context.Context, id string, at time.Time) error {
	return s.Announce(ctx, storage.Change{
		Kind: storage.UserChanged, Key: id, Until: at.Add(storage.ChangeRetention),
	})
}
