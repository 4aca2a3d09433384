package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"gatehouse/errors"
)

// hold keeps others from changing a row until the transaction ends. Where there
// is one writer, the transaction itself does. It says nothing of a row that is
// not there.
func (s *Store) hold(ctx context.Context, table, id string) error {
	if s.tx(ctx) == nil {
		return errors.New("what is to be changed is read outside of a transaction")
	}
	if s.dialect.hold == "" || !storable(id) {
		return nil
	}
	return s.each(ctx, func(*sql.Rows) error { return nil },
		`SELECT id FROM `+table+` WHERE id = $1`+s.dialect.hold, id)
}

// elements makes rows of argument n, which is what jsonRows returns: value ->> 0
// is the first column of each as text.
func (s *Store) elements(n int) string { return fmt.Sprintf(s.dialect.elements, n) }

// jsonRows is one argument that holds many rows.
func jsonRows[R [2]string | []any](rows []R) string {
	text, _ := json.Marshal(rows) // strings and numbers never fail
	return string(text)
}
