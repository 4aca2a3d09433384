package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// print writes v as JSON when --json was given, and the table otherwise.
func (c *cli) print(v any, head []string, rows [][]string) error {
	if c.json {
		return c.printJSON(v)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(mapped(row, harmless), "\t"))
	}
	return w.Flush()
}

// field is one line of what printFields writes.
type field struct{ name, value string }

// printFields writes v as JSON when --json was given, and otherwise the fields
// that have a value, one a line.
func (c *cli) printFields(v any, fields ...field) error {
	if c.json {
		return c.printJSON(v)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, f := range fields {
		if f.value != "" {
			fmt.Fprintf(w, "%s\t%s\n", f.name, harmless(f.value))
		}
	}
	return w.Flush()
}

// harmless is text without what a terminal takes for a command, and what ends a cell
// or a line: much of what is shown was written by others.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func (c *cli) printJSON(v any) error {
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// notes is metadata as --metadata takes it, in the order of its keys.
func notes(metadata map[string]any) string {
	entries := make([]string, 0, len(metadata))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		is := "="
		if _, text := metadata[key].(string); !text {
			is = ":="
		}
		entries = append(entries, fmt.Sprint(key, is, metadata[key]))
	}
	return strings.Join(entries, " ")
}

// timestamp is a time as the API writes it, or empty for none.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
