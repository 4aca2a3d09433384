package bootstrap

import (
	"fmt"
	"maps"
	"slices"

	"gatehouse/errors"
)

// Failure is a change that was refused.
type Failure struct {
	Change Change
	Err    error
}

// Error says what was refused, where it is declared, and why.
func (f *Failure) Error() string {
	where := ""
	if f.Change.place.path != "" {
		where = fmt.Sprintf(", which %s (line %d) asks for", f.Change.place.path, f.Change.place.line)
	}
	return f.Change.String() + where + ": " + told(f.Err)
}

// Unwrap returns why it was refused.
func (f *Failure) Unwrap() error { return f.Err }

// told is an error in one line: where fields are at fault, with the reason for each.
func told(err error) string {
	var fault *errors.Fault
	if !errors.As(err, &fault) || len(fault.Fields) == 0 {
		return err.Error()
	}
	text := fmt.Sprintf("%s (%s)", fault.Title, fault.ID)
	for _, field := range slices.Sorted(maps.Keys(fault.Fields)) {
		text += fmt.Sprintf("; %s: %s", field, fault.Fields[field])
	}
	return text
}
