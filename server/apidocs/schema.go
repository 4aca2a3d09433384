package apidocs

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/templates"
)

// fields lists the members of an object, those of its parts first.
func (c components) fields(s *schema) []templates.DocsField {
	s = c.schema(s)
	var fields []templates.DocsField
	for _, part := range s.AllOf {
		fields = append(fields, c.fields(part)...)
	}
	for _, p := range s.Properties {
		fields = append(fields, templates.DocsField{
			Name:     p.Key,
			Type:     c.typeOf(p.Value),
			Required: slices.Contains(s.Required, p.Key),
			Meaning:  templates.Prose(c.meaning(p.Value)),
		})
	}
	return fields
}

// meaning is a schema's description and what bounds it has.
func (c components) meaning(s *schema) string {
	s = c.schema(s)
	var said []string
	if s.Description != "" {
		said = append(said, s.Description)
	}
	if enum := c.choices(s); len(enum) > 0 {
		said = append(said, "One of `"+strings.Join(enum, "`, `")+"`.")
	}
	if s.Const != "" {
		said = append(said, "Always `"+s.Const+"`.")
	}
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		said = append(said, fmt.Sprintf("From %d to %d.", *s.Minimum, *s.Maximum))
	case s.Minimum != nil:
		said = append(said, fmt.Sprintf("At least %d.", *s.Minimum))
	}
	if s.Default.Value != "" {
		said = append(said, "By default `"+s.Default.Value+"`.")
	}
	return strings.Join(said, " ")
}

func (c components) choices(s *schema) []string {
	if s.Items != nil {
		return c.schema(s.Items).Enum
	}
	return s.Enum
}

// typeOf says what a value is, in words that link to the objects among them.
func (c components) typeOf(s *schema) []templates.DocsType {
	if s.Ref != "" {
		if target := c.schema(s); isObject(target) {
			name := named(s.Ref)
			return []templates.DocsType{{Text: name, Anchor: objectAnchor(name)}}
		}
		if name := named(s.Ref); name == "ID" || name == "Slug" || name == "Time" {
			return []templates.DocsType{{Text: strings.ToLower(name)}}
		}
		s = c.schema(s)
	}
	if len(s.OneOf) > 0 {
		words := c.typeOf(s.OneOf[0])
		for _, other := range s.OneOf[1:] {
			words = append(append(words, templates.DocsType{Text: " or "}), c.typeOf(other)...)
		}
		return words
	}
	if s.Items != nil {
		return append([]templates.DocsType{{Text: "array of "}}, c.typeOf(s.Items)...)
	}
	return []templates.DocsType{{Text: plainType(s)}}
}

func plainType(s *schema) string {
	if len(s.Type.Content) == 0 {
		return s.Type.Value
	}
	names := make([]string, len(s.Type.Content))
	for i, name := range s.Type.Content {
		names[i] = name.Value
	}
	return strings.Join(names, " or ")
}

func isObject(s *schema) bool { return s.Type.Value == "object" }

// objects are those schemas that answers refer to, each with its members. An
// object without a fixed set of them has only its description.
func (c components) objects() []templates.DocsObject {
	var objects []templates.DocsObject
	for _, s := range c.Schemas {
		if !isObject(s.Value) || isBody(s.Key) {
			continue
		}
		objects = append(objects, templates.DocsObject{
			Anchor:      objectAnchor(s.Key),
			Name:        s.Key,
			Description: templates.Prose(s.Value.Description),
			Fields:      c.fields(s.Value),
		})
	}
	return objects
}

// isBody says whether a schema is shown with the request that it belongs to, or
// is only part of others.
func isBody(name string) bool {
	for _, end := range []string{"Request", "Create", "Update", "Change", "Reset", "Rotation", "ApplicationFields"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

func objectAnchor(name string) string { return "object-" + strings.ToLower(name) }
