package identity

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"gatehouse/errors"
)

const (
	maxMetadataKey   = 100  // characters
	maxMetadataValue = 2000 // characters, as it is written

	// maxMetadataBytes is for all keys and values together: metadata is read
	// with what it belongs to, and lists read a thousand of those at once.
	maxMetadataBytes = 16 << 10
)

// MetadataError is what is wrong with metadata: a code of either family of
// endpoints.
type MetadataError struct {
	auth     *errors.Fault
	identity errors.Code
	reason   string
}

// Auth is the error as the Auth endpoints answer it, with what was received:
// errors.MetadataKeyTooLong, MetadataValueTooLong, MetadataNested or Malformed.
func (e *MetadataError) Auth() *errors.Fault { return e.auth }

// Identity is the error as the identity endpoints answer it, naming the key:
// errors.IdentityMetadataKeyTooLong, IdentityMetadataValueTooLong,
// IdentityMetadataNested or IdentityMalformed.
func (e *MetadataError) Identity() *errors.Fault {
	return e.identity.On(map[string]string{"metadata": e.reason})
}

// ValidateMetadata returns nil, or the first thing that is wrong in the order of
// the keys: a key of more than 100 characters, a value of more than 2000, a
// value that is no string, number or boolean; then keys and values of more than
// 16 KiB together.
func ValidateMetadata(metadata map[string]any) *MetadataError {
	total := 0
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if utf8.RuneCountInString(key) > maxMetadataKey {
			return wrongEntry(errors.MetadataKeyTooLong.With(key, maxMetadataKey), errors.IdentityMetadataKeyTooLong, key)
		}
		value := metadata[key]
		switch value.(type) {
		case string, bool, json.Number, float64, int, int64:
		default:
			return wrongEntry(errors.MetadataNested.With(value), errors.IdentityMetadataNested, key)
		}
		text := fmt.Sprint(value)
		if utf8.RuneCountInString(text) > maxMetadataValue {
			return wrongEntry(errors.MetadataValueTooLong.With(value, maxMetadataValue), errors.IdentityMetadataValueTooLong, key)
		}
		total += len(key) + len(text)
	}
	if total > maxMetadataBytes {
		reason := fmt.Sprintf("has more than %d bytes in its keys and values", maxMetadataBytes)
		return &MetadataError{errors.Malformed.On(map[string]string{"metadata": reason}), errors.IdentityMalformed, reason}
	}
	return nil
}

func wrongEntry(auth *errors.Fault, identity errors.Code, key string) *MetadataError {
	return &MetadataError{auth, identity, fmt.Sprintf("see the key %.100q", key)}
}
