package errors

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind groups codes by what their HTTP status on the /v1 endpoints is made from.
type Kind uint8

// The kinds, each with the status that the renderer gives it.
const (
	KindInvalid          Kind = iota + 1 // 400
	KindUnauthenticated                  // 401
	KindDenied                           // 403
	KindNotFound                         // 404
	KindMethodNotAllowed                 // 405
	KindConflict                         // 409
	KindStale                            // 412
	KindTooLarge                         // 413
	KindUnsupportedMedia                 // 415
	KindTooMany                          // 429
	KindInternal                         // 500
	KindUnavailable                      // 503
)

// Code names one way a request can fail. Codes are public, stable and comparable.
type Code struct {
	ID      string // "AUT-1002": what clients, logs and metrics see
	Kind    Kind   // what the status is made from
	Title   string // "Invalid Username or Password": what people read first
	Message string // one or two sentences; may hold %v and %s, filled in by With
}

// Error lets a bare Code be returned, and be the target of Is.
func (c Code) Error() string { return c.ID + " " + c.Title }

// With fills the verbs of the code's message.
func (c Code) With(values ...any) *Fault { return &Fault{Code: c, values: values} }

// On names the fields at fault, each with its reason.
func (c Code) On(fields map[string]string) *Fault { return &Fault{Code: c, Fields: fields} }

// After says how long the caller should wait before it tries again.
func (c Code) After(d time.Duration) *Fault { return &Fault{Code: c, RetryAfter: d} }

// Because adds the cause, which is logged and never shown.
func (c Code) Because(cause error) *Fault { return &Fault{Code: c, cause: cause} }

// Fault is a Code with the details of one failure.
type Fault struct {
	Code
	Fields     map[string]string // field name to reason; nil when no field is at fault
	RetryAfter time.Duration     // 0 when trying again will not help

	values []any
	cause  error
}

// Error is for logs: the code and the cause.
func (f *Fault) Error() string {
	if f.cause == nil {
		return f.Code.Error()
	}
	return f.Code.Error() + ": " + f.cause.Error()
}

// Unwrap lets Is and As see both the code and the cause.
func (f *Fault) Unwrap() []error {
	if f.cause == nil {
		return []error{f.Code}
	}
	return []error{f.Code, f.cause}
}

// Cause is what lies behind the failure, or nil. It is for logs alone.
func (f *Fault) Cause() error { return f.cause }

// On adds the fields at fault.
func (f *Fault) On(fields map[string]string) *Fault {
	g := *f
	g.Fields = maps.Clone(f.Fields)
	if g.Fields == nil {
		g.Fields = make(map[string]string, len(fields))
	}
	maps.Copy(g.Fields, fields)
	return &g
}

// After says how long the caller should wait before it tries again.
func (f *Fault) After(d time.Duration) *Fault {
	g := *f
	g.RetryAfter = d
	return &g
}

// Because adds the cause.
func (f *Fault) Because(cause error) *Fault {
	g := *f
	g.cause = cause
	return &g
}

// Identity returns the fault with its code's Identity.
func (f *Fault) Identity() *Fault {
	g := *f
	g.Code = f.Code.Identity()
	return &g
}

// Text is the message as clients see it, its verbs filled in. A value that came
// from outside is cut to a hundred characters, for it is echoed.
func (f *Fault) Text() string {
	verbs := strings.Count(f.Message, "%")
	if verbs == 0 {
		return f.Message
	}
	values := make([]any, verbs)
	for i := range values {
		values[i] = ""
		if i < len(f.values) {
			values[i] = shorten(fmt.Sprint(f.values[i]))
		}
	}
	return fmt.Sprintf(f.Message, values...)
}

// From returns the Fault that err carries: the outermost code in its chain, or
// Internal, caused by err, when there is none.
func From(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	var c Code
	if errors.As(err, &c) {
		return &Fault{Code: c, cause: cause(err, c)}
	}
	return Internal.Because(err)
}

func cause(err error, c Code) error {
	if err == error(c) { //nolint:errorlint // the question is whether there is anything around the code
		return nil
	}
	return err
}

// Is, As, Join and New are the standard library's.
var (
	Is   = errors.Is
	As   = errors.As
	Join = errors.Join
	New  = errors.New
)

func shorten(s string) string {
	const most = 100
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "..."
}
