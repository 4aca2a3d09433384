package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
)

// Analyze implements storage.Store. PostgreSQL plans by how large tables were
// when it last looked, and keeps the plans of prepared statements until it looks
// again, which by itself it does once a minute. Tables that fill faster than that
// would be read in whole for every block of a list and every name. SQLite plans
// without.
func (s *Store) Analyze(ctx context.Context) error {
	if s.dialect.grown == "" {
		return nil
	}
	var grown []string
	err := s.each(ctx, func(rows *sql.Rows) error {
		var table string
		err := rows.Scan(&table)
		grown = append(grown, table)
		return err
	}, s.dialect.grown)
	if err != nil {
		return fmt.Errorf("look for tables that have grown: %w", err)
	}
	for _, table := range grown {
		if _, err := s.exec(ctx, `ANALYZE `+table); err != nil {
			return fmt.Errorf("analyze %s: %w", table, err)
		}
	}
	return nil
}
