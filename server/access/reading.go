package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"gatehouse/errors"
	"gatehouse/server/web"
)

// longest is how many bytes a subject, resource, action or product may have. None
// that is stored has more.
const longest = 512

// reading takes the fields of a JSON object and notes what is wrong with them.
type reading struct {
	object            map[string]any
	known             []string
	malformed, absent map[string]string
}

func read(object map[string]any) *reading {
	return &reading{
		object: object, known: make([]string, 0, 4), malformed: map[string]string{}, absent: map[string]string{},
	}
}

// text takes a text, and "" for none.
func (r *reading) text(name string) string {
	r.known = append(r.known, name)
	value, there := r.object[name]
	text, ok := value.(string)
	switch {
	case !there || value == nil:
	case !ok:
		r.malformed[name] = "must be a string"
	case len(text) > longest:
		r.malformed[name] = "must have at most " + strconv.Itoa(longest) + " bytes"
		return ""
	}
	return text
}

// need takes a text that must be there.
func (r *reading) need(name string) string {
	text := r.text(name)
	if text == "" && r.malformed[name] == "" {
		r.absent[name] = web.ReasonRequired
	}
	return text
}

// list takes a list that must be there, and have something in it.
func (r *reading) list(name string) []any {
	r.known = append(r.known, name)
	value, there := r.object[name]
	list, ok := value.([]any)
	switch {
	case !there || value == nil || ok && len(list) == 0:
		r.absent[name] = web.ReasonRequired
	case !ok:
		r.malformed[name] = "must be a list"
	}
	return list
}

// objects takes a list of objects, at most so many, and none if it is not there.
func (r *reading) objects(name string, most int) []map[string]any {
	r.known = append(r.known, name)
	value := r.object[name]
	list, ok := value.([]any)
	switch {
	case value == nil:
		return nil
	case !ok:
		r.malformed[name] = "must be a list"
		return nil
	case len(list) > most:
		r.malformed[name] = fmt.Sprintf("must have at most %d entries", most)
		return nil
	}
	objects := make([]map[string]any, len(list))
	for i, one := range list {
		if objects[i], ok = one.(map[string]any); !ok {
			r.malformed[fmt.Sprintf("%s.%d", name, i)] = "must be an object"
		}
	}
	return objects
}

// texts takes a list of texts, which must be there and may be empty.
func (r *reading) texts(name string) []string {
	r.known = append(r.known, name)
	value, there := r.object[name]
	if !there || value == nil {
		r.absent[name] = web.ReasonRequired
		return nil
	}
	texts, ok := textsOf(value)
	if !ok {
		r.malformed[name] = "must be a list of strings"
	}
	return texts
}

func textsOf(value any) ([]string, bool) {
	list, ok := value.([]any)
	texts := make([]string, len(list))
	for i := range list {
		text, isText := list[i].(string)
		texts[i], ok = text, ok && isText
	}
	return texts, ok
}

// permissions takes an object of lists of texts, and nil if it is not there.
func (r *reading) permissions(name string) map[string][]string {
	r.known = append(r.known, name)
	value := r.object[name]
	object, ok := value.(map[string]any)
	if value == nil {
		return nil
	}
	all := make(map[string][]string, len(object))
	for resource, actions := range object {
		texts, isList := textsOf(actions)
		all[resource], ok = texts, ok && isList
	}
	if !ok {
		r.malformed[name] = "must map each resource to a list of its actions"
	}
	return all
}

// flag takes true or false, and false if it is not there.
func (r *reading) flag(name string) bool {
	r.known = append(r.known, name)
	value := r.object[name]
	flag, ok := value.(bool)
	if value != nil && !ok {
		r.malformed[name] = "must be true or false"
	}
	return flag
}

// number takes a whole number, and the default if it is not there.
func (r *reading) number(name string, least, most, otherwise int) int {
	r.known = append(r.known, name)
	value := r.object[name]
	if value == nil {
		return otherwise
	}
	text, _ := value.(json.Number)
	n, err := strconv.Atoi(text.String())
	if err != nil || n < least || n > most {
		r.malformed[name] = fmt.Sprintf("must be a whole number from %d to %d", least, most)
	}
	return n
}

// err is what is wrong: errors.UnexpectedFields, or what wrong returns. Names of
// fields are under a path such as "questions.3.".
func (r *reading) err(path string) error {
	var unknown []string
	for name := range r.object {
		if !slices.Contains(r.known, name) {
			unknown = append(unknown, path+name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return errors.UnexpectedFields.On(web.Fields(web.ReasonUnexpected, unknown...))
	}
	return r.wrong(path)
}

// wrong is what is wrong with the fields that are known: errors.Malformed or
// errors.MissingFields.
func (r *reading) wrong(path string) error {
	switch {
	case len(r.malformed) > 0:
		return errors.Malformed.On(under(path, r.malformed))
	case len(r.absent) > 0:
		return errors.MissingFields.On(under(path, r.absent))
	}
	return nil
}

func under(path string, fields map[string]string) map[string]string {
	if path == "" {
		return fields
	}
	all := make(map[string]string, len(fields))
	for name, reason := range maps.All(fields) {
		all[path+name] = reason
	}
	return all
}
