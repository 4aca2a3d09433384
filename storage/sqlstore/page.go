package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/identity"
)

// page reads one page of what the query finds, by id, into rows (a pointer to
// a slice of a row type), and says how much the query finds in all.
func (s *Store) page(ctx context.Context, page identity.Page, query *gorm.DB, rows any) (int, error) {
	var total int64
	if err := s.db(ctx).Model(rows).Count(&total).Error; err != nil {
		return 0, err
	}
	err := query.Order("id").Limit(page.Limit).Offset((page.Number - 1) * page.Limit).Find(rows).Error
	return int(total), err
}
