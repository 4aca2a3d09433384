package sqlstore

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// stamp is a time as rows hold it: UTC, cut to the microsecond, NULL when zero.
// SQLite keeps whole microseconds since 1970, which bindStamps makes of it.
type stamp time.Time

// Value implements driver.Valuer, for PostgreSQL.
func (t stamp) Value() (driver.Value, error) {
	if time.Time(t).IsZero() {
		return nil, nil
	}
	return time.Time(t).UTC().Truncate(time.Microsecond), nil
}

// Scan implements sql.Scanner for both databases.
func (t *stamp) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = stamp{}
	case int64:
		*t = stamp(time.UnixMicro(v).UTC())
	case time.Time:
		*t = stamp(v.UTC())
	default:
		return fmt.Errorf("read a time from %T", src)
	}
	return nil
}

// bindStamps makes stamps what SQLite keeps.
func bindStamps(args []any) []any {
	bound := make([]any, len(args))
	for i, arg := range args {
		t, ok := arg.(stamp)
		switch {
		case !ok:
			bound[i] = arg
		case !time.Time(t).IsZero():
			bound[i] = time.Time(t).UnixMicro()
		}
	}
	return bound
}
