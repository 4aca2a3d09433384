package transfer

import (
	"encoding/json"

	"gatehouse/errors"
)

// foreign reads the fields of another system's user. What is null counts as
// absent; the first that is of the wrong type is told.
type foreign struct {
	object map[string]any
	wrong  map[string]string
}

func (f *foreign) fault(name, want string) {
	if f.wrong == nil {
		f.wrong = map[string]string{name: "must be " + want}
	}
}

func (f *foreign) err() error {
	if f.wrong == nil {
		return nil
	}
	return errors.IdentityWrongType.On(f.wrong)
}

// field returns a field of type T, nil when it is absent or of another type.
func field[T any](f *foreign, name, want string) *T {
	value, there := f.object[name]
	if !there || value == nil {
		return nil
	}
	typed, ok := value.(T)
	if !ok {
		f.fault(name, want)
		return nil
	}
	return &typed
}

func (f *foreign) text(name string) *string { return field[string](f, name, "a string") }

func (f *foreign) flag(name string) *bool { return field[bool](f, name, "true or false") }

// plain is text, or empty.
func (f *foreign) plain(name string) string {
	if text := f.text(name); text != nil {
		return *text
	}
	return ""
}

// inner returns an object in a field; its faults are told here.
func (f *foreign) inner(name string) (foreign, bool) {
	object := field[map[string]any](f, name, "an object")
	if object == nil {
		return foreign{}, false
	}
	return foreign{object: *object}, true
}

// number returns a whole number; nil for none.
func (f *foreign) number(name string) *int64 {
	n := field[json.Number](f, name, "a whole number")
	if n == nil {
		return nil
	}
	whole, err := n.Int64()
	if err != nil {
		f.fault(name, "a whole number")
		return nil
	}
	return &whole
}

// unusable says that a password cannot be brought along.
func unusable(reason string) error {
	return errors.UnusablePasswordHash.On(map[string]string{"passwordHash": reason})
}
