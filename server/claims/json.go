package claims

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MarshalJSON writes standard claims and then Custom ones.
func (c Claims) MarshalJSON() ([]byte, error) {
	type plain Claims // without this method
	standard, err := json.Marshal((*plain)(&c))
	if err != nil || len(c.Custom) == 0 {
		return standard, err
	}
	custom, err := json.Marshal(c.Custom)
	if err != nil {
		return nil, fmt.Errorf("custom claims: %w", err)
	}
	return Join(standard, custom), nil
}

// Join makes one JSON object of two that have no member in common.
func Join(first, second []byte) []byte {
	switch {
	case bytes.Equal(second, empty):
		return first
	case bytes.Equal(first, empty):
		return second
	}
	joined := make([]byte, 0, len(first)+len(second)-1)
	joined = append(joined, first[:len(first)-1]...)
	joined = append(joined, ',')
	return append(joined, second[1:]...)
}

var empty = []byte("{}")
