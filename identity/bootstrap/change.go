package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// What a Change does.
const (
	Create = "create"
	Update = "update"
	Delete = "delete"
)

// The kinds of what a Change is about.
const (
	KindProduct     = "product"
	KindGroup       = "group"
	KindApplication = "application"
	KindUser        = "user"
)

// Change is one thing to do so that the database is what a file says.
type Change struct {
	Action string // Create, Update, Delete
	Kind   string // KindProduct, …
	Name   string // of a product, id of a group, client id, or username
	Fields []Field

	place   place // where it is declared; zero when it is not
	prepare func(ctx context.Context) error
	run     func(ctx context.Context) error
}

// Field is what a change does to one field: from Before to After, as JSON has
// them; nil is nothing.
type Field struct {
	Name          string // of the API; what is in permissions and metadata: "permissions.accounts"
	Before, After any
}

// Unseen stands for a secret or a password: a word on what becomes of it.
type Unseen string

// What becomes of a secret.
const (
	Set     Unseen = "(set)"
	Changed Unseen = "(changed)"
	MadeUp  Unseen = "(made up)"
)

// String is the change without its fields.
func (c Change) String() string { return c.Action + " " + c.Kind + " " + c.Name }

// facts is what something is like, by the names of the API.
type facts map[string]any

// factsOf takes the JSON form that the API has for something apart. Permissions
// and metadata are taken apart once more.
func factsOf(view any) (facts, error) {
	text, err := json.Marshal(view)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	var all facts
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	for _, name := range []string{"id", "createdAt", "updatedAt", "builtIn", "users", "userCount", "emailVerified"} {
		delete(all, name)
	}
	for _, name := range []string{"permissions", "metadata"} {
		entries, _ := all[name].(map[string]any)
		delete(all, name)
		for key, value := range entries {
			all[name+"."+key] = value
		}
	}
	return all, nil
}

// differences are the fields that differ, by name. What is there before and after
// and says nothing both times is left out.
func differences(before, after facts) []Field {
	names := maps.Clone(before)
	if names == nil {
		names = facts{}
	}
	maps.Copy(names, after)
	var fields []Field
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, is := before[name], after[name]
		if reflect.DeepEqual(was, is) || before == nil && silent(is) || after == nil && silent(was) {
			continue
		}
		fields = append(fields, Field{name, was, is})
	}
	return fields
}

// silent says whether a value need not be told of something new, or gone.
func silent(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case []any:
		return len(v) == 0
	}
	return false
}
