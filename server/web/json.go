package web

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
)

// JSON reads the request's body into the struct that dst points to.
//
// Fields are those with a json tag, matched to the letter; `web:"required"`
// makes one required, which an absent, null or empty value is not. Null is the
// same as absent everywhere. A field may be a string, bool, int, int64, float64,
// struct or any, or a pointer, slice or string-keyed map of such.
//
// It returns errors.UnsupportedMediaType unless the body is MediaJSON, and
// otherwise what ReadBody, ParseObject and Assign return.
func JSON(c echo.Context, dst any, codes Codes) error {
	body, err := ReadBody(c)
	if err != nil {
		return err
	}
	if len(body) > 0 && MediaType(c.Request()) != MediaJSON {
		return errors.UnsupportedMediaType
	}
	object, err := ParseObject(body, codes)
	if err != nil {
		return err
	}
	return Assign(object, dst, codes)
}

// Assign sets the struct that dst points to from a parsed object, as JSON does.
// It returns codes.Unexpected, codes.WrongType or codes.Missing, in this order,
// naming all fields that deserve it.
func Assign(object map[string]any, dst any, codes Codes) error {
	var a assignment
	a.object("", reflect.ValueOf(dst).Elem(), object)
	switch {
	case len(a.unexpected) > 0:
		return codes.Unexpected.On(Fields(ReasonUnexpected, a.unexpected...))
	case len(a.wrong) > 0:
		return codes.WrongType.On(a.wrong)
	case len(a.missing) > 0:
		return codes.Missing.On(Fields(ReasonRequired, a.missing...))
	default:
		return nil
	}
}

// assignment collects what is wrong while it sets what is right.
type assignment struct {
	unexpected []string
	missing    []string
	wrong      map[string]string
}

func (a *assignment) object(path string, dst reflect.Value, object map[string]any) {
	shape := shapeOf(dst.Type())
	for name := range object {
		if _, ok := shape.index[name]; !ok {
			a.unexpected = append(a.unexpected, join(path, name))
		}
	}
	for _, f := range shape.fields {
		value := object[f.name]
		if value != nil {
			a.value(join(path, f.name), dst.Field(f.index), value)
		}
		if f.required && empty(value) {
			a.missing = append(a.missing, join(path, f.name))
		}
	}
}

func (a *assignment) value(path string, dst reflect.Value, value any) {
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		a.value(path, dst.Elem(), value)
	case reflect.Struct:
		assign(a, path, "an object", value, func(v map[string]any) { a.object(path, dst, v) })
	case reflect.Map:
		assign(a, path, "an object", value, func(v map[string]any) { a.members(path, dst, v) })
	case reflect.Slice:
		assign(a, path, "an array", value, func(v []any) { a.items(path, dst, v) })
	case reflect.String:
		assign(a, path, "a string", value, dst.SetString)
	case reflect.Bool:
		assign(a, path, "true or false", value, dst.SetBool)
	case reflect.Int, reflect.Int64:
		assign(a, path, "a whole number", value, func(v json.Number) { a.integer(path, dst, v) })
	case reflect.Float64:
		assign(a, path, "a number", value, func(v json.Number) { a.float(path, dst, v) })
	case reflect.Interface:
		dst.Set(reflect.ValueOf(value))
	default:
		panic("web: cannot decode into " + dst.Type().String())
	}
}

// assign calls set when value is a T, and notes what it should have been when not.
func assign[T any](a *assignment, path, want string, value any, set func(T)) {
	v, ok := value.(T)
	if !ok {
		a.refuse(path, want)
		return
	}
	set(v)
}

func (a *assignment) members(path string, dst reflect.Value, object map[string]any) {
	dst.Set(reflect.MakeMapWithSize(dst.Type(), len(object)))
	for name, value := range object {
		member := reflect.New(dst.Type().Elem()).Elem()
		if value != nil {
			a.value(join(path, name), member, value)
		}
		dst.SetMapIndex(reflect.ValueOf(name), member)
	}
}

func (a *assignment) items(path string, dst reflect.Value, items []any) {
	dst.Set(reflect.MakeSlice(dst.Type(), len(items), len(items)))
	for i, item := range items {
		if item != nil {
			a.value(path+"["+strconv.Itoa(i)+"]", dst.Index(i), item)
		}
	}
}

func (a *assignment) integer(path string, dst reflect.Value, number json.Number) {
	n, err := strconv.ParseInt(number.String(), 10, dst.Type().Bits())
	if err != nil {
		a.refuse(path, "a whole number")
		return
	}
	dst.SetInt(n)
}

func (a *assignment) float(path string, dst reflect.Value, number json.Number) {
	f, err := number.Float64()
	if err != nil {
		a.refuse(path, "a number")
		return
	}
	dst.SetFloat(f)
}

func (a *assignment) refuse(path, want string) {
	if a.wrong == nil {
		a.wrong = make(map[string]string)
	}
	if len(a.wrong) < mostFields {
		a.wrong[shorten(path)] = "must be " + want
	}
}

func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	default:
		return false
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// shape is what JSON needs to know of a struct type.
type shape struct {
	fields []shapeField
	index  map[string]struct{}
}

type shapeField struct {
	name     string
	index    int
	required bool
}

// shapes remembers the shape of every type, of which there are as many as the
// program has request structs.
var shapes sync.Map // reflect.Type to *shape

func shapeOf(t reflect.Type) *shape {
	if known, ok := shapes.Load(t); ok {
		return known.(*shape)
	}
	s := &shape{index: make(map[string]struct{})}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		s.fields = append(s.fields, shapeField{name, i, t.Field(i).Tag.Get("web") == "required"})
		s.index[name] = struct{}{}
	}
	known, _ := shapes.LoadOrStore(t, s)
	return known.(*shape)
}
