package telemetry

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that prints as [redacted], or as nothing when it is empty, in
// logs, messages, JSON and YAML. It does not protect an unexported field of a
// struct that is printed as a whole: fmt calls no methods there.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String returns [redacted], or "" when s is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format prints String whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// GoString returns String.
func (s Secret) GoString() string { return s.String() }

// LogValue returns String as a value for a log.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns String, which JSON and YAML encode.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
