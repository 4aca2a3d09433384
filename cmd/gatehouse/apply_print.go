package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"gatehouse/identity/bootstrap"
)

// appliedView is what apply --json prints.
type appliedView struct {
	DryRun  bool         `json:"dryRun"`
	Changes []changeView `json:"changes"`
	Made    []madeView   `json:"made"` // secrets and passwords that were made up just now
}

type changeView struct {
	Action string      `json:"action"` // create, update, delete
	Kind   string      `json:"kind"`   // product, group, application, user
	Name   string      `json:"name"`
	Fields []fieldView `json:"fields"`
}

type fieldView struct {
	Name   string `json:"name"`
	Before any    `json:"before"` // null: nothing
	After  any    `json:"after"`
}

type madeView struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Field string `json:"field"`
	Value string `json:"value"`
}

// printApplied prints what was done, or would be.
func (c *cli) printApplied(r *bootstrap.Result, dryRun bool) error {
	if c.json {
		return c.printJSON(viewApplied(r, dryRun))
	}
	var b strings.Builder
	counts := map[string]int{}
	paint := c.paint()
	for _, change := range r.Changes {
		counts[change.Action]++
		writeChange(&b, change, paint)
	}
	switch create, update, remove := counts[bootstrap.Create], counts[bootstrap.Update], counts[bootstrap.Delete]; {
	case len(r.Changes) == 0:
		b.WriteString("Nothing to do: the database is what the file declares.\n")
	case dryRun:
		fmt.Fprintf(&b, "To do: %d to create, %d to change, %d to delete.\n", create, update, remove)
	default:
		fmt.Fprintf(&b, "Done: %d created, %d changed, %d deleted.\n", create, update, remove)
	}
	if _, err := io.WriteString(c.stdout, b.String()); err != nil {
		return err
	}
	return c.printMade(r.Made)
}

func viewApplied(r *bootstrap.Result, dryRun bool) appliedView {
	view := appliedView{DryRun: dryRun, Changes: []changeView{}, Made: []madeView{}}
	for _, change := range r.Changes {
		fields := []fieldView{}
		for _, f := range change.Fields {
			fields = append(fields, fieldView(f))
		}
		view.Changes = append(view.Changes, changeView{change.Action, change.Kind, change.Name, fields})
	}
	for _, made := range r.Made {
		view.Made = append(view.Made, madeView(made))
	}
	return view
}

// signs stand in front of a change, and have a colour (ECMA-48 SGR) on a terminal.
var signs = map[string]struct{ sign, colour string }{
	bootstrap.Create: {"+", "\x1b[32m"},
	bootstrap.Update: {"~", "\x1b[33m"},
	bootstrap.Delete: {"-", "\x1b[31m"},
}

// writeChange writes a change, its fields indented below it.
func writeChange(b *strings.Builder, change bootstrap.Change, paint bool) {
	sign := signs[change.Action]
	line := fmt.Sprintf("%s %s %s", sign.sign, change.Kind, change.Name)
	if paint {
		line = sign.colour + line + "\x1b[0m"
	}
	b.WriteString(line + "\n")
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, f := range change.Fields {
		fmt.Fprintf(w, "    %s\t%s\n", f.Name, differs(change.Action, f))
	}
	_ = w.Flush() // to memory, which does not fail
	b.WriteString("\n")
}

// differs is what becomes of a field.
func differs(action string, f bootstrap.Field) string {
	_, unseen := f.After.(bootstrap.Unseen)
	switch {
	case action == bootstrap.Create || unseen:
		return written(f.After)
	case action == bootstrap.Delete:
		return written(f.Before)
	}
	return written(f.Before) + " → " + written(f.After)
}

// written is a value as JSON, in which no character can do harm to a terminal.
func written(value any) string {
	switch v := value.(type) {
	case nil:
		return "(none)"
	case bootstrap.Unseen:
		return string(v)
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "(unprintable)"
	}
	return strings.TrimSpace(b.String())
}

// printMade prints what was made up, which nobody can be shown again.
func (c *cli) printMade(made []bootstrap.Credential) error {
	if len(made) == 0 {
		return nil
	}
	fmt.Fprintln(c.stdout, "\nMade up, and shown this once:")
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, m := range made {
		fmt.Fprintf(w, "  %s %s\t%s\t%s\n", m.Kind, m.Name, m.Field, m.Value)
	}
	return w.Flush()
}

// paint says whether to use colours: on a terminal whose user has not said that
// they want none (https://no-color.org).
func (c *cli) paint() bool {
	file, ok := c.stdout.(*os.File)
	if !ok || lookup(c.environ, "NO_COLOR") != "" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// mostMistakes is how many mistakes of a file are told at once.
const mostMistakes = 100

// fileMistakes tells what is wrong with a file, one line a mistake.
func fileMistakes(path string, wrong bootstrap.Mistakes) string {
	var b strings.Builder
	b.WriteString(path + " is not right yet:")
	for i, m := range wrong {
		if i == mostMistakes {
			fmt.Fprintf(&b, "\n  and %d more", len(wrong)-i)
			break
		}
		b.WriteString("\n  " + m.String())
		if m.Written != "" {
			b.WriteString(didYouMean(m.Written, m.Names))
		}
	}
	return b.String()
}
