package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// userRow is an identity.User.
type userRow struct {
	ID            string
	Username      string
	UsernameKey   string
	Email         string
	EmailKey      string
	EmailVerified bool
	FirstName     string
	LastName      string
	PasswordHash  string
	Metadata      column[map[string]any] `gorm:"type:text"`
	Disabled      bool
	CreatedAt     stamp
	UpdatedAt     stamp
	Groups        column[[]string] `gorm:"type:text;->"` // from memberships
}

// TableName is GORM's question.
func (userRow) TableName() string { return "users" }

// membershipRow says that a user is in a group.
type membershipRow struct{ UserID, GroupID string }

// TableName is GORM's question.
func (membershipRow) TableName() string { return "memberships" }

// userColumns are the columns that a user is read from, in the order of fields.
func userColumns(d dialect) string {
	return `users.id, users.username, users.email, users.email_verified, users.first_name, users.last_name,
		users.password_hash, users.metadata, users.disabled, users.created_at, users.updated_at,
		(SELECT ` + d.array + `(group_id) FROM memberships WHERE user_id = users.id) AS groups`
}

// fields may all be NULL, which leaves them zero.
func (r *userRow) fields() []any {
	return []any{
		null(&r.ID), null(&r.Username), null(&r.Email), null(&r.EmailVerified), null(&r.FirstName), null(&r.LastName),
		null(&r.PasswordHash), &r.Metadata, null(&r.Disabled), &r.CreatedAt, &r.UpdatedAt,
		&r.Groups,
	}
}

func newUserRow(u identity.User) userRow {
	return userRow{
		ID:            u.ID,
		Username:      u.Username,
		UsernameKey:   identity.UsernameKey(u.Username),
		Email:         u.Email,
		EmailKey:      identity.EmailKey(u.Email),
		EmailVerified: u.EmailVerified,
		FirstName:     legible(u.FirstName),
		LastName:      legible(u.LastName),
		PasswordHash:  u.PasswordHash,
		Metadata:      column[map[string]any]{u.Metadata},
		Disabled:      u.Disabled,
		CreatedAt:     stamp(u.CreatedAt),
		UpdatedAt:     stamp(u.UpdatedAt),
	}
}

func (r *userRow) user() identity.User {
	slices.Sort(r.Groups.v)
	return identity.User{
		ID:            r.ID,
		Username:      r.Username,
		Email:         r.Email,
		EmailVerified: r.EmailVerified,
		FirstName:     r.FirstName,
		LastName:      r.LastName,
		PasswordHash:  r.PasswordHash,
		Groups:        r.Groups.v,
		Metadata:      r.Metadata.v,
		Disabled:      r.Disabled,
		CreatedAt:     time.Time(r.CreatedAt),
		UpdatedAt:     time.Time(r.UpdatedAt),
	}
}

// userFields says which field clashes when an index refuses a user.
var userFields = map[string]string{
	"users_pkey": "id", "users.id": "id",
	"users_username": "username", "users.username_key": "username",
	"users_email": "email", "users.email_key": "email",
}

// CreateUser implements identity.Store.
func (s *Store) CreateUser(ctx context.Context, user identity.User) error {
	row := newUserRow(user)
	var memberships []membershipRow
	for _, group := range user.Groups {
		if !storable(group) {
			return errors.GroupNotFound
		}
		memberships = append(memberships, membershipRow{UserID: user.ID, GroupID: group})
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		if err := s.db(ctx).Create(&row).Error; err != nil {
			return conflict(err, userFields)
		}
		if len(memberships) == 0 {
			return nil
		}
		err := s.db(ctx).Create(&memberships).Error
		if errors.Is(err, errForeignKey) {
			return errors.GroupNotFound.Because(err)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("create user: %w", err)
	}
	return nil
}

// User implements identity.Store.
func (s *Store) User(ctx context.Context, id string) (identity.User, error) {
	return s.userWhere(ctx, "id = ?", id)
}

// UserByUsername implements identity.Store.
func (s *Store) UserByUsername(ctx context.Context, username string) (identity.User, error) {
	return s.userWhere(ctx, "username_key = ?", identity.UsernameKey(username))
}

func (s *Store) userWhere(ctx context.Context, condition, value string) (identity.User, error) {
	if !storable(value) {
		return identity.User{}, errors.UserNotFound
	}
	var row userRow
	err := s.users(ctx).Where(condition, value).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return identity.User{}, errors.UserNotFound
	}
	if err != nil {
		return identity.User{}, fmt.Errorf("read user: %w", err)
	}
	return row.user(), nil
}

// Users implements identity.Store. The ids are in order of creation.
func (s *Store) Users(ctx context.Context, page identity.Page) ([]identity.User, int, error) {
	var rows []userRow
	total, err := s.page(ctx, page, s.users(ctx), &rows)
	if err != nil {
		return nil, 0, fmt.Errorf("list users: %w", err)
	}
	users := make([]identity.User, len(rows))
	for i := range rows {
		users[i] = rows[i].user()
	}
	return users, total, nil
}

func (s *Store) users(ctx context.Context) *gorm.DB {
	return s.db(ctx).Select(userColumns(s.dialect))
}

// SetUserDisabled implements identity.Store.
func (s *Store) SetUserDisabled(ctx context.Context, id string, disabled bool, at time.Time) error {
	return s.updateUser(ctx, id, at, map[string]any{"disabled": disabled})
}

// SetPasswordHash implements identity.Store.
func (s *Store) SetPasswordHash(ctx context.Context, id, hash string, at time.Time) error {
	return s.updateUser(ctx, id, at, map[string]any{"password_hash": hash})
}

// RenewPasswordHash implements identity.Store.
func (s *Store) RenewPasswordHash(ctx context.Context, id, old, renewed string, at time.Time) (bool, error) {
	if !storable(id) {
		return false, nil
	}
	n := int64(0)
	err := s.InTx(ctx, func(ctx context.Context) (err error) {
		n, err = s.exec(ctx, `UPDATE users SET password_hash = $3, updated_at = $4 WHERE id = $1 AND password_hash = $2`,
			id, old, renewed, stamp(at))
		if err != nil || n == 0 {
			return err
		}
		return s.Announce(ctx, storage.Change{
			Kind: storage.UserChanged, Key: id, Until: at.Add(storage.ChangeRetention),
		})
	})
	if err != nil {
		return false, fmt.Errorf("renew password hash: %w", err)
	}
	return n == 1, nil
}

// updateUser changes columns of a user and announces it.
func (s *Store) updateUser(ctx context.Context, id string, at time.Time, columns map[string]any) error {
	if !storable(id) {
		return errors.UserNotFound
	}
	columns["updated_at"] = stamp(at)
	err := s.InTx(ctx, func(ctx context.Context) error {
		res := s.db(ctx).Model(&userRow{}).Where("id = ?", id).Updates(columns)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return errors.UserNotFound
		}
		return s.Announce(ctx, storage.Change{
			Kind: storage.UserChanged, Key: id, Until: at.Add(storage.ChangeRetention),
		})
	})
	if err != nil {
		return fmt.Errorf("change user: %w", err)
	}
	return nil
}
