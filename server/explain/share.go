package explain

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// How many records an address may have in a minute, and of how many addresses
// that is remembered, the one seen least lately is forgotten.
const (
	sharePerMinute = 60
	shareUnderLoad = sharePerMinute / 10
	mostAddresses  = 4096
)

// shares counts the records of each address.
type shares struct {
	mu    sync.Mutex
	taken *simplelru.LRU[string, *share]
}

// share is what an address has taken in a minute.
type share struct {
	since time.Time
	taken int
}

func newShares() *shares {
	taken, _ := simplelru.NewLRU[string, *share](mostAddresses, nil) // fails only without a size
	return &shares{taken: taken}
}

// take says whether an address may have one more record of so many a minute.
func (s *shares) take(address string, most int, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, known := s.taken.Get(address)
	if !known {
		of = &share{since: now}
		s.taken.Add(address, of)
	}
	if now.Sub(of.since) >= time.Minute {
		*of = share{since: now}
	}
	if of.taken >= most {
		return false
	}
	of.taken++
	return true
}
