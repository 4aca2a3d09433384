package sqlstore

import (
	"context"
	"fmt"

	"gatehouse/identity"
)

// Users implements identity.Users.
func (s *Store) Users(ctx context.Context, q identity.UserQuery) ([]identity.User, int, error) {
	db := s.db(ctx).Table("users")
	if q.Username != "" {
		db = db.Where("username_key = ?", identity.UsernameKey(q.Username))
	}
	if q.Email != "" {
		db = db.Where("email_key = ?", identity.EmailKey(q.Email))
	}
	if q.Group != "" {
		db = db.Where("id IN (SELECT user_id FROM memberships WHERE group_id = ?)", q.Group)
	}
	var total int64
	if err := db.Count(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("list users: %w", err)
	}
	var rows []userRow
	err := db.Select(userColumns(s.dialect)).Order("id").Limit(q.Limit).Offset((q.Number - 1) * q.Limit).Find(&rows).Error
	if err != nil {
		return nil, 0, fmt.Errorf("list users: %w", err)
	}
	users := make([]identity.User, len(rows))
	for i := range rows {
		users[i] = rows[i].user()
	}
	return users, int(total), nil
}
