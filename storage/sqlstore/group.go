package sqlstore

import (
	"context"
	"fmt"

	"gatehouse/identity"
)

// groupRow is an identity.Group.
type groupRow struct {
	ID          string
	Name        string
	Permissions column[map[string][]string] `gorm:"type:text"`
	Metadata    column[map[string]any]      `gorm:"type:text"`
	BuiltIn     bool
	CreatedAt   stamp
}

// TableName is GORM's question.
func (groupRow) TableName() string { return "groups" }

// CreateGroup implements identity.Store.
func (s *Store) CreateGroup(ctx context.Context, group identity.Group) error {
	err := s.db(ctx).Create(&groupRow{
		ID:          group.ID,
		Name:        legible(group.Name),
		Permissions: column[map[string][]string]{group.Permissions},
		Metadata:    column[map[string]any]{group.Metadata},
		BuiltIn:     group.BuiltIn,
		CreatedAt:   stamp(group.CreatedAt),
	}).Error
	if err != nil {
		return fmt.Errorf("create group: %w", conflict(err, map[string]string{"groups_pkey": "id", "groups.id": "id"}))
	}
	return nil
}
