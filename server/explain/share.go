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

// around is how many times as many a network may have as what is within it.
const around = 4

// take says whether an address may have one more record of so many a minute, and
// each network around it one of a larger number.
func (s *shares) take(address string, networks []string, most int, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.of(address, now)
	if own.taken >= most {
		return false
	}
	for _, network := range networks {
		if most *= around; s.of(network, now).taken >= most {
			return false
		}
	}
	own.taken++
	for _, network := range networks {
		s.of(network, now).taken++
	}
	return true
}

// of returns the share of an address in this minute.
func (s *shares) of(address string, now time.Time) *share {
	of, known := s.taken.Get(address)
	if !known {
		of = &share{since: now}
		s.taken.Add(address, of)
	}
	if now.Sub(of.since) >= time.Minute {
		*of = share{since: now}
	}
	return of
}
