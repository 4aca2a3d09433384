package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gatehouse/errors"
	"gatehouse/server/telemetry"
)

// value is where a setting is kept, and how it is read from text and written
// as text. The error of set says what is wrong without repeating the text,
// which may be a secret.
type value struct {
	kind string // what may be written, for people
	set  func(text string) error
	get  func() string
}

// text is any line of text.
func text(to *string) value {
	return value{
		kind: "text",
		set:  func(s string) error { *to = s; return nil },
		get:  func() string { return *to },
	}
}

// path is the path of a file or directory.
func path(to *string) value {
	v := text(to)
	v.kind = "path"
	return v
}

// dsn is the address of a database. It may hold a password.
func dsn(to *telemetry.Secret) value {
	return value{
		kind: "`sqlite:PATH` or URL",
		set: func(s string) error {
			path, sqlite := strings.CutPrefix(s, sqlitePrefix)
			switch {
			case sqlite && (path == "" || strings.HasPrefix(path, ":")):
				return errors.New("names no file; a database in memory would lose what it acknowledged")
			case !sqlite && !strings.HasPrefix(s, "postgres://") && !strings.HasPrefix(s, "postgresql://"):
				return errors.New("does not begin with sqlite: or postgres://")
			}
			*to = telemetry.Secret(s)
			return nil
		},
		get: func() string { return to.String() },
	}
}

// secrets is a list of master secrets.
func secrets(to *[]telemetry.Secret) value {
	return value{
		kind: "list of secrets",
		set: func(s string) error {
			var all []telemetry.Secret
			for i, entry := range splitList(s) {
				if utf8.RuneCountInString(entry) < minMasterSecret {
					return fmt.Errorf("is shorter than %d characters (entry %d)", minMasterSecret, i+1)
				}
				all = append(all, telemetry.Secret(entry))
			}
			*to = all
			return nil
		},
		get: func() string {
			entries := make([]string, len(*to))
			for i, secret := range *to {
				entries[i] = secret.String()
			}
			return strings.Join(entries, ",")
		},
	}
}

// oneOf is one of a few words.
func oneOf(to *string, words ...string) value {
	kind := strings.Join(words, " or ")
	return value{
		kind: kind,
		set: func(s string) error {
			if !slices.Contains(words, s) {
				return fmt.Errorf("is not %s", kind)
			}
			*to = s
			return nil
		},
		get: func() string { return *to },
	}
}

// truth is true or false.
func truth(to *bool) value {
	return value{
		kind: "true or false",
		set: func(s string) error {
			b, err := strconv.ParseBool(s)
			if err != nil {
				return errors.New("is not true or false")
			}
			*to = b
			return nil
		},
		get: func() string { return strconv.FormatBool(*to) },
	}
}

// opposite is true or false, and is kept as its opposite.
func opposite(to *bool) value {
	var b bool
	v := truth(&b)
	return value{
		kind: v.kind,
		set: func(s string) error {
			err := v.set(s)
			if err == nil {
				*to = !b
			}
			return err
		},
		get: func() string { return strconv.FormatBool(!*to) },
	}
}

// level is how important a log line is.
func level(to *slog.Level) value {
	var word string
	v := oneOf(&word, "debug", "info", "warn", "error")
	return value{
		kind: v.kind,
		set: func(s string) error {
			if err := v.set(s); err != nil {
				return err
			}
			return to.UnmarshalText([]byte(s))
		},
		get: func() string { return strings.ToLower(to.String()) },
	}
}

// list is any number of entries, each of which check accepts.
func list(to *[]string, kind string, check func(entry string) error) value {
	return value{
		kind: "list of " + kind,
		set: func(s string) error {
			entries := splitList(s)
			for i, entry := range entries {
				if err := check(entry); err != nil {
					return fmt.Errorf("%w (entry %d)", err, i+1)
				}
			}
			*to = entries
			return nil
		},
		get: func() string { return strings.Join(*to, ",") },
	}
}

// splitList reads a list as it is written in one line of text.
func splitList(s string) []string {
	entries := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '\n' })
	for i := range entries {
		entries[i] = strings.TrimSpace(entries[i])
	}
	return slices.DeleteFunc(entries, func(entry string) bool { return entry == "" })
}
