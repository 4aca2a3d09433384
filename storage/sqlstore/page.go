package sqlstore

import (
	"context"
	"math"

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
	err := query.Order("id").Limit(page.Limit).Offset(skipped(page)).Find(rows).Error
	return int(total), err
}

// skipped is how many entries come before a page. Past all that can be stored
// one page is like the other.
func skipped(page identity.Page) int {
	const most = math.MaxInt32
	if page.Number > most/max(page.Limit, 1) {
		return most
	}
	return (page.Number - 1) * page.Limit
}

// window is a part of a list: the entries from one number, counted from 0, up
// to another.
type window struct{ from, to int }

// windowOf is where a page is in a list of so many entries, which is read from
// its end if backward.
func windowOf(page identity.Page, total int, backward bool) window {
	from := min(skipped(page), total)
	to := min(from+page.Limit, total)
	if backward {
		return window{total - to, total - from}
	}
	return window{from, to}
}
