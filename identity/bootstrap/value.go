package bootstrap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"gatehouse/identity"
)

// text reads a field as it is written: what looks like a number is text, too.
func (o *object) text(name string) *string {
	n := o.field(name)
	if n == nil {
		return nil
	}
	if !isText(n) {
		o.bad(o.wrong(name, "must be text"))
		return nil
	}
	return &n.Value
}

func isText(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}, n.Tag)
}

// need is text for a field that must be there. Where it is not, the stand-in is
// returned, so that the rest can be looked at.
func (o *object) need(name, standIn string) string {
	text := o.text(name)
	if text != nil && *text != "" {
		return *text
	}
	if n := o.fields[name]; text != nil || n == nil || o.resolve(n).Tag == absent.Tag {
		o.bad(o.wrong(name, "is required"))
	}
	return standIn
}

func (o *object) flag(name string) *bool {
	n := o.field(name)
	if n == nil {
		return nil
	}
	var b bool
	if n.Tag != "!!bool" || n.Decode(&b) != nil {
		o.bad(o.wrong(name, "must be true or false"))
		return nil
	}
	return &b
}

func (o *object) texts(name string) *[]string {
	list := o.list(name)
	if list == nil {
		return nil
	}
	texts := make([]string, len(list))
	for i, n := range list {
		if n = o.resolve(n); !isText(n) {
			o.bad(o.wrong(name, "must be a list of texts"))
			return nil
		}
		texts[i] = n.Value
	}
	return &texts
}

// duration reads seconds, or a number with a unit (ms, s, m, h).
func (o *object) duration(name string) *time.Duration {
	text := o.text(name)
	if text == nil {
		return nil
	}
	if seconds, err := strconv.ParseInt(*text, 10, 32); err == nil {
		d := time.Duration(seconds) * time.Second
		return &d
	}
	d, err := time.ParseDuration(*text)
	if err != nil {
		o.bad(o.wrong(name, "must be seconds, or a number with a unit such as 90s, 15m or 24h"))
		return nil
	}
	return &d
}

// permissions reads resources, each with its list of actions, which are sorted.
func (o *object) permissions(name string) *map[string][]string {
	n := o.field(name)
	if n == nil {
		return nil
	}
	resources := o.object(join(o.path, name), o.lines[name], n)
	permissions := make(map[string][]string, len(resources.order))
	for _, resource := range resources.order {
		wrong := len(o.found)
		actions := value(resources.texts(resource))
		if len(o.found) > wrong {
			continue
		}
		slices.Sort(actions)
		permissions[resource] = actions
	}
	return &permissions
}

// claims reads a list of fields with a claim, a key of metadata and, if the claim
// needs one, a scope.
func (o *object) claims(name string) *[]identity.Claim {
	list := o.list(name)
	if list == nil {
		return nil
	}
	claims := make([]identity.Claim, len(list))
	for i, n := range list {
		entry := o.object(fmt.Sprintf("%s[%d]", join(o.path, name), i), n.Line, o.resolve(n))
		claims[i] = identity.Claim{
			Name: entry.need("claim", fmt.Sprint("claim", i)), Metadata: entry.need("metadata", "key"), Scope: value(entry.text("scope")),
		}
		entry.end()
	}
	return &claims
}

// metadata reads fields with texts, numbers, and true or false.
func (o *object) metadata(name string) *map[string]any {
	n := o.field(name)
	if n == nil {
		return nil
	}
	entries := o.object(join(o.path, name), o.lines[name], n)
	metadata := make(map[string]any, len(entries.order))
	for _, key := range entries.order {
		value, ok := scalar(o.resolve(entries.fields[key]))
		if !ok {
			o.bad(entries.wrong(key, "must be text, a number, true or false"))
			continue
		}
		metadata[key] = value
	}
	return &metadata
}

// scalar is a value as JSON would hold it.
func scalar(n *yaml.Node) (any, bool) {
	if !isText(n) {
		return nil, false
	}
	var value any
	if n.Tag == "!!str" || n.Tag == "!!timestamp" || n.Decode(&value) != nil {
		return n.Value, true
	}
	number, err := json.Marshal(value) // fails for what is no number
	if b, ok := value.(bool); ok {
		return b, true
	}
	return json.Number(number), err == nil
}

// document reads fields of any depth as JSON; without any, it is empty text.
func (o *object) document(name string) *string {
	n := o.field(name)
	if n == nil {
		return nil
	}
	value, err := o.any(n, 0)
	fields, ok := value.(map[string]any)
	if err == nil && !ok {
		err = fmt.Errorf("must be fields")
	}
	if err != nil {
		o.bad(o.wrong(name, err.Error()))
		return nil
	}
	if len(fields) == 0 {
		return new(string)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		o.bad(o.wrong(name, "must be what JSON can hold"))
		return nil
	}
	document := string(text)
	return &document
}

// any is a node as JSON would hold it.
func (r *reader) any(n *yaml.Node, depth int) (any, error) {
	if n = r.resolve(n); depth > deepest {
		return nil, fmt.Errorf("is nested too deep")
	}
	switch n.Kind {
	case yaml.MappingNode:
		fields := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			value, err := r.any(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			name := r.resolve(n.Content[i]).Value
			if _, twice := fields[name]; twice {
				return nil, fmt.Errorf("has the field %.100q twice", name)
			}
			fields[name] = value
		}
		return fields, nil
	case yaml.SequenceNode:
		entries := make([]any, len(n.Content))
		for i, entry := range n.Content {
			value, err := r.any(entry, depth+1)
			if err != nil {
				return nil, err
			}
			entries[i] = value
		}
		return entries, nil
	}
	if n.Tag == absent.Tag {
		return nil, nil
	}
	value, ok := scalar(n)
	if !ok {
		return nil, fmt.Errorf("holds a value that JSON has no word for")
	}
	return value, nil
}
