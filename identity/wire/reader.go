package wire

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"gatehouse/errors"
)

// reader takes the members of an object one by one and notes what is wrong with
// them. A member that is null counts as absent.
type reader struct {
	object map[string]any
	known  map[string]bool

	unexpected, immutable, unmodifiable, wrong, missing map[string]string
}

func read(object map[string]any) *reader {
	return &reader{object: object, known: make(map[string]bool, len(object))}
}

// err is what is wrong, the worst first: errors.IdentityUnexpectedFields,
// FieldImmutable, FieldUnmodifiable, IdentityWrongType or IdentityMissingFields.
func (r *reader) err() error {
	for name := range r.object {
		if !r.known[name] {
			note(&r.unexpected, name, "is not a field of this endpoint")
		}
	}
	for _, fault := range []struct {
		code   errors.Code
		fields map[string]string
	}{
		{errors.IdentityUnexpectedFields, r.unexpected},
		{errors.FieldImmutable, r.immutable},
		{errors.FieldUnmodifiable, r.unmodifiable},
		{errors.IdentityWrongType, r.wrong},
		{errors.IdentityMissingFields, r.missing},
	} {
		if fault.fields != nil {
			return fault.code.On(fault.fields)
		}
	}
	return nil
}

func note(in *map[string]string, name, reason string) {
	if *in == nil {
		*in = make(map[string]string)
	}
	if len(*in) < mostFields {
		(*in)[cut(name)] = reason
	}
}

// As many fields, of names as long as this, are told of; the names may come from anybody.
const (
	mostFields   = 50
	longestField = 200
)

func cut(name string) string {
	return name[:min(len(name), longestField)]
}

// never notes the members that a change must not name, as far as they are there.
func (r *reader) never(immutable bool, names ...string) {
	for _, name := range names {
		r.known[name] = true
		if _, there := r.object[name]; !there {
			continue
		}
		if immutable {
			note(&r.immutable, name, "cannot be changed")
		} else {
			note(&r.unmodifiable, name, "cannot be changed here")
		}
	}
}

// member returns the value of a member that is there and not null.
func (r *reader) member(name string) (any, bool) {
	r.known[name] = true
	value, there := r.object[name]
	return value, there && value != nil
}

// take returns a member of type T, nil when it is absent or of another type.
func take[T any](r *reader, name, want string) *T {
	value, there := r.member(name)
	if !there {
		return nil
	}
	typed, ok := value.(T)
	if !ok {
		note(&r.wrong, name, "must be "+want)
		return nil
	}
	return &typed
}

func (r *reader) text(name string) *string { return take[string](r, name, "a string") }

func (r *reader) flag(name string) *bool { return take[bool](r, name, "true or false") }

func (r *reader) objectOf(name string) *map[string]any {
	return take[map[string]any](r, name, "an object")
}

// needText is text for a member that must be there and not empty.
func (r *reader) needText(name string) string {
	text := r.text(name)
	if _, wrong := r.wrong[name]; !wrong && (text == nil || *text == "") {
		note(&r.missing, name, "is required")
	}
	return value(text)
}

// notEmpty notes a member that is there and empty, and must not be.
func (r *reader) notEmpty(name string, text *string) *string {
	if text != nil && *text == "" {
		note(&r.missing, name, "must not be empty")
	}
	return text
}

func (r *reader) texts(name string) *[]string {
	list := take[[]any](r, name, "a list of strings")
	if list == nil {
		return nil
	}
	texts := make([]string, len(*list))
	for i, value := range *list {
		text, ok := value.(string)
		if !ok {
			note(&r.wrong, name, "must be a list of strings")
			return nil
		}
		texts[i] = text
	}
	return &texts
}

// needTexts is texts for a member that must not be an empty list.
func (r *reader) needTexts(name string, required bool) *[]string {
	texts := r.texts(name)
	_, wrong := r.wrong[name]
	if !wrong && (texts == nil && required || texts != nil && len(*texts) == 0) {
		note(&r.missing, name, "must hold at least one")
	}
	return texts
}

// longestSeconds is more than any lifetime; what is longer is refused by the rules.
const longestSeconds = 1 << 32

// seconds reads whole seconds.
func (r *reader) seconds(name string) *time.Duration {
	number := take[json.Number](r, name, "a whole number of seconds")
	if number == nil {
		return nil
	}
	n, err := number.Int64()
	if err != nil {
		note(&r.wrong, name, "must be a whole number of seconds")
		return nil
	}
	d := time.Duration(max(-1, min(n, longestSeconds))) * time.Second
	return &d
}

// permissions reads resources, each with its list of actions.
func (r *reader) permissions(name string) *map[string][]string {
	object := r.objectOf(name)
	if object == nil {
		return nil
	}
	permissions := make(map[string][]string, len(*object))
	for resource, value := range *object {
		list, ok := value.([]any)
		for _, action := range list {
			text, isText := action.(string)
			ok = ok && isText
			permissions[resource] = append(permissions[resource], text)
		}
		if !ok {
			note(&r.wrong, name, "must map each resource to a list of actions")
			return nil
		}
		if len(list) == 0 {
			permissions[resource] = nil
		}
		slices.Sort(permissions[resource])
	}
	return &permissions
}

// document reads an object as the JSON text that it came from, but for spaces
// and the order of its members; an empty one as no text.
func (r *reader) document(name string) *string {
	object := r.objectOf(name)
	if object == nil {
		return nil
	}
	if len(*object) == 0 {
		return new(string)
	}
	text, err := json.Marshal(*object)
	if err != nil {
		note(&r.wrong, name, "must be an object")
		return nil
	}
	document := string(text)
	return &document
}

// value is what a pointer points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// full is never null in JSON.
func full[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// metadata is never null in JSON.
func metadata(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return maps.Clone(m)
}
