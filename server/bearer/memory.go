package bearer

import (
	"crypto/sha256"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// maxRemembered is the length in bytes of a token that is worth remembering.
const maxRemembered = 8 << 10

// proof is what a verified token says, apart from who stands behind it.
type proof struct {
	kid       string
	token     Token // without User and Application
	notBefore time.Time
}

// memory remembers the tokens verified most recently, by the SHA-256 of their
// whole text, so that it holds none that could be used.
type memory struct {
	proofs       *lru.Cache[[sha256.Size]byte, *proof]
	hits, misses atomic.Uint64
}

func newMemory(size int) *memory {
	proofs, _ := lru.New[[sha256.Size]byte, *proof](size) // only a size below 1 is an error
	return &memory{proofs: proofs}
}

func (m *memory) recall(text [sha256.Size]byte) (*proof, bool) {
	p, ok := m.proofs.Get(text)
	if ok {
		m.hits.Add(1)
	} else {
		m.misses.Add(1)
	}
	return p, ok
}

func (m *memory) keep(text [sha256.Size]byte, p *proof) { m.proofs.Add(text, p) }

func (m *memory) drop(text [sha256.Size]byte) { m.proofs.Remove(text) }

// Stats counts how tokens were recognised.
type Stats struct {
	Hits    uint64 // remembered
	Misses  uint64 // verified by signature, or refused
	Entries int    // remembered now
}

// Stats returns the counts since the start.
func (v *Verifier) Stats() Stats {
	m := v.memory
	return Stats{m.hits.Load(), m.misses.Load(), m.proofs.Len()}
}
