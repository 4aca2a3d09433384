package sqlstore

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// groupRow is an identity.Group.
type groupRow struct {
	ID          string
	Name        string
	Product     string
	Permissions column[map[string][]string] `gorm:"type:text"`
	Metadata    column[map[string]any]      `gorm:"type:text"`
	BuiltIn     bool
	CreatedAt   stamp
	UpdatedAt   stamp
	Version     int64
}

// TableName is GORM's question.
func (groupRow) TableName() string { return "groups" }

func newGroupRow(g identity.Group) groupRow {
	return groupRow{
		ID:          g.ID,
		Name:        legible(g.Name),
		Product:     g.Product,
		Permissions: column[map[string][]string]{g.Permissions},
		Metadata:    column[map[string]any]{g.Metadata},
		BuiltIn:     g.BuiltIn,
		CreatedAt:   stamp(g.CreatedAt),
		UpdatedAt:   stamp(g.UpdatedAt),
		Version:     g.Version,
	}
}

func (r *groupRow) group() identity.Group {
	return identity.Group{
		ID:          r.ID,
		Name:        r.Name,
		Product:     r.Product,
		Permissions: r.Permissions.v,
		Metadata:    r.Metadata.v,
		BuiltIn:     r.BuiltIn,
		CreatedAt:   time.Time(r.CreatedAt),
		UpdatedAt:   time.Time(r.UpdatedAt),
		Version:     r.Version,
	}
}

// CreateGroup implements identity.Groups.
func (s *Store) CreateGroup(ctx context.Context, group identity.Group) error {
	row := newGroupRow(group)
	err := s.InTx(ctx, func(ctx context.Context) error {
		if err := s.db(ctx).Create(&row).Error; err != nil {
			return conflict(err, map[string]string{"groups_pkey": "id", "groups.id": "id"})
		}
		return s.announceGroup(ctx, storage.GroupChanged, group.ID, group.CreatedAt)
	})
	if err != nil {
		return fmt.Errorf("create group: %w", err)
	}
	return nil
}

// Group implements identity.Groups.
func (s *Store) Group(ctx context.Context, id string) (identity.Group, error) {
	if !storable(id) {
		return identity.Group{}, errors.GroupNotFound
	}
	var row groupRow
	err := s.db(ctx).Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return identity.Group{}, errors.GroupNotFound
	}
	if err != nil {
		return identity.Group{}, fmt.Errorf("read group: %w", err)
	}
	return row.group(), nil
}

// GroupToChange implements identity.Groups.
func (s *Store) GroupToChange(ctx context.Context, id string) (identity.Group, error) {
	if err := s.hold(ctx, "groups", id); err != nil {
		return identity.Group{}, fmt.Errorf("read group to change: %w", err)
	}
	return s.Group(ctx, id)
}

// Groups implements identity.Groups.
func (s *Store) Groups(ctx context.Context, page identity.Page) ([]identity.Group, int, error) {
	var rows []groupRow
	total, err := s.page(ctx, page, s.db(ctx), &rows)
	if err != nil {
		return nil, 0, fmt.Errorf("list groups: %w", err)
	}
	return groups(rows), total, nil
}

func groups(rows []groupRow) []identity.Group {
	groups := make([]identity.Group, len(rows))
	for i := range rows {
		groups[i] = rows[i].group()
	}
	return groups
}

// UpdateGroup implements identity.Groups.
func (s *Store) UpdateGroup(ctx context.Context, group identity.Group) error {
	if !storable(group.ID) {
		return errors.GroupNotFound
	}
	row := newGroupRow(group)
	err := s.InTx(ctx, func(ctx context.Context) error {
		res := s.db(ctx).Model(&groupRow{}).Where("id = ?", group.ID).UpdateColumns(map[string]any{
			"name": row.Name, "product": row.Product, "permissions": row.Permissions, "metadata": row.Metadata,
			"updated_at": row.UpdatedAt, "version": row.Version,
		})
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return errors.GroupNotFound
		}
		return s.announceGroup(ctx, storage.GroupChanged, group.ID, group.UpdatedAt)
	})
	if err != nil {
		return fmt.Errorf("change group: %w", err)
	}
	return nil
}

// DeleteGroup implements identity.Groups.
func (s *Store) DeleteGroup(ctx context.Context, id string, at time.Time) error {
	if !storable(id) {
		return errors.GroupNotFound
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, `DELETE FROM groups WHERE id = $1`, id) // and its memberships
		if err != nil {
			return err
		}
		if n == 0 {
			return errors.GroupNotFound
		}
		s.tx(ctx).ranks.drop(memberList + id)
		return s.announceGroup(ctx, storage.GroupDeleted, id, at)
	})
	if err != nil {
		return fmt.Errorf("delete group: %w", err)
	}
	return nil
}

// announceGroup tells all nodes what became of a group.
func (s *Store) announceGroup(ctx context.Context, kind storage.ChangeKind, id string, at time.Time) error {
	return s.Announce(ctx, storage.Change{Kind: kind, Key: id, Until: at.Add(storage.ChangeRetention)})
}
