package sqlstore

import (
	"context"
	"fmt"
	"time"
)

// Lease implements storage.Store.
func (s *Store) Lease(ctx context.Context, name, holder string, now, until time.Time) (bool, error) {
	n, err := s.exec(ctx, `INSERT INTO leases (name, holder, leased_till) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, leased_till = excluded.leased_till
		WHERE leases.holder = excluded.holder OR leases.leased_till <= $4`, name, holder, stamp(until), stamp(now))
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", name, err)
	}
	return n == 1, nil
}
