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
)

// MetadataError is what is wrong with metadata: one of the three codes that
// both families have for it.
type MetadataError struct {
	auth     *errors.Fault
	identity errors.Code
	key      string
}

// Auth is the error as the Auth endpoints answer it, with what was received:
// errors.MetadataKeyTooLong, MetadataValueTooLong or MetadataNested.
func (e *MetadataError) Auth() *errors.Fault { return e.auth }

// Identity is the error as the identity endpoints answer it:
// errors.IdentityMetadataKeyTooLong, IdentityMetadataValueTooLong or
// IdentityMetadataNested, naming the key.
func (e *MetadataError) Identity() *errors.Fault {
	return e.identity.On(map[string]string{"metadata": fmt.Sprintf("see the key %.100q", e.key)})
}

// ValidateMetadata returns nil, or the first thing that is wrong in the order of
// the keys: a key of more than 100 characters, a value of more than 2000, a
// value that is no string, number or boolean.
func ValidateMetadata(metadata map[string]any) *MetadataError {
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if utf8.RuneCountInString(key) > maxMetadataKey {
			return &MetadataError{errors.MetadataKeyTooLong.With(key, maxMetadataKey), errors.IdentityMetadataKeyTooLong, key}
		}
		value := metadata[key]
		switch value.(type) {
		case string, bool, json.Number, float64, int, int64:
		default:
			return &MetadataError{errors.MetadataNested.With(value), errors.IdentityMetadataNested, key}
		}
		if utf8.RuneCountInString(fmt.Sprint(value)) > maxMetadataValue {
			return &MetadataError{errors.MetadataValueTooLong.With(value, maxMetadataValue), errors.IdentityMetadataValueTooLong, key}
		}
	}
	return nil
}
