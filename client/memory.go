package client

import (
	"crypto/sha256"
	"sync"
)

// digest is the SHA-256 that something is remembered by.
type digest = [sha256.Size]byte

// memory remembers a bounded number of values. What was used lately is in young;
// when that is full it becomes old, and what was old and not used since is gone.
type memory[V any] struct {
	mu         sync.Mutex
	half       int // the most that young may hold
	young, old map[digest]V
}

func newMemory[V any](most int) *memory[V] {
	return &memory[V]{half: (most + 1) / 2, young: make(map[digest]V)}
}

func (m *memory[V]) recall(key digest) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.young[key]
	if ok {
		return value, true
	}
	if value, ok = m.old[key]; ok {
		m.put(key, value)
	}
	return value, ok
}

func (m *memory[V]) keep(key digest, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, value)
}

func (m *memory[V]) put(key digest, value V) {
	if _, there := m.young[key]; !there && len(m.young) >= m.half {
		m.old, m.young = m.young, make(map[digest]V)
	}
	m.young[key] = value
	delete(m.old, key)
}

func (m *memory[V]) drop(key digest) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.young, key)
	delete(m.old, key)
}
