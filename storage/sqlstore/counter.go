package sqlstore

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// AddCounts implements storage.Counters. The counters travel as one JSON object,
// so that the statement is the same for any number of them; its keys are sorted,
// so that two statements cannot wait for each other.
func (s *Store) AddCounts(ctx context.Context, window, until time.Time, counts map[string]int) (map[string]int, error) {
	added := make(map[string]int, len(counts)) // by digest in hexadecimal
	keys := make(map[string]string, len(counts))
	for key, count := range counts {
		id := hex.EncodeToString(digest(key, strconv.FormatInt(window.UnixMicro(), 10)))
		added[id], keys[id] = count, key
	}
	object, err := json.Marshal(added)
	if err != nil {
		return nil, fmt.Errorf("add counts: %w", err)
	}
	totals := make(map[string]int, len(counts))
	err = s.each(ctx, func(rows *sql.Rows) error {
		var id []byte
		var total int
		if err := rows.Scan(&id, &total); err != nil {
			return err
		}
		totals[keys[hex.EncodeToString(id)]] = total
		return nil
	}, `INSERT INTO counters (key, count, expires_at) `+s.dialect.counts+`
		ON CONFLICT (key) DO UPDATE SET count = counters.count + excluded.count
		RETURNING key, count`, string(object), stamp(until))
	if err != nil {
		return nil, fmt.Errorf("add counts: %w", err)
	}
	return totals, nil
}
