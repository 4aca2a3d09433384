package oauth2_test

import (
	"maps"
	"slices"

	"gatehouse/errors"
)

// fieldsOf are the names of the fields at fault.
func fieldsOf(err error) []string { return slices.Sorted(maps.Keys(errors.From(err).Fields)) }
