package storage

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// NewID makes a UUIDv7 (RFC 9562 §5.7) of a time. IDs ascend with their times,
// to about a quarter of a microsecond; those of one moment are in no order.
func NewID(at time.Time) string {
	var id uuid.UUID
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	ms := at.UnixMilli()
	fraction := (at.UnixNano() - ms*int64(time.Millisecond)) << 12 / int64(time.Millisecond)
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i)) //nolint:gosec // the byte that is meant
	}
	id[6] = 0x70 | byte(fraction>>8)&0x0f //nolint:gosec // twelve bits
	id[7] = byte(fraction)                //nolint:gosec // the lower eight of them
	id[8] = 0x80 | id[8]&0x3f
	return id.String()
}

// FirstID is below every ID that NewID makes of the time's millisecond, and
// above those that it makes of the ones before.
func FirstID(at time.Time) string {
	const most = 1<<48 - 1
	text := fmt.Sprintf("%012x", min(max(at.UnixMilli(), 0), most))
	return text[:8] + "-" + text[8:] + "-0000-0000-000000000000"
}
