package apidocs

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// spec is what the page needs to know of openapi.yaml.
type spec struct {
	Tags       []tag                        `yaml:"tags"`
	Paths      ordered[ordered[*operation]] `yaml:"paths"`
	Components components                   `yaml:"components"`
}

type tag struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
}

type components struct {
	Parameters map[string]parameter `yaml:"parameters"`
	Schemas    ordered[*schema]     `yaml:"schemas"`
	Examples   map[string]example   `yaml:"examples"`
}

type operation struct {
	ID          string            `yaml:"operationId"`
	Tags        []string          `yaml:"tags"`
	Summary     string            `yaml:"summary"`
	Description string            `yaml:"description"`
	Permissions []string          `yaml:"x-permissions"`
	Codes       []string          `yaml:"x-codes"`
	LineCodes   []string          `yaml:"x-line-codes"` // of a single line of the body
	Security    *[]any            `yaml:"security"`     // empty: no token; nil: as for all
	Parameters  []parameter       `yaml:"parameters"`
	Body        *body             `yaml:"requestBody"`
	Responses   ordered[response] `yaml:"responses"`
}

type parameter struct {
	Ref         string    `yaml:"$ref"`
	Name        string    `yaml:"name"`
	In          string    `yaml:"in"`
	Required    bool      `yaml:"required"`
	Description string    `yaml:"description"`
	Schema      *schema   `yaml:"schema"`
	Example     yaml.Node `yaml:"example"`
}

type body struct {
	Required bool           `yaml:"required"`
	Content  ordered[media] `yaml:"content"`
}

type response struct {
	Ref         string         `yaml:"$ref"`
	Description string         `yaml:"description"`
	Content     ordered[media] `yaml:"content"`
}

type media struct {
	Schema   *schema          `yaml:"schema"`
	Examples ordered[example] `yaml:"examples"`
}

type example struct {
	Ref     string    `yaml:"$ref"`
	Summary string    `yaml:"summary"`
	Value   yaml.Node `yaml:"value"`
}

type schema struct {
	Ref         string           `yaml:"$ref"`
	Type        yaml.Node        `yaml:"type"`
	Description string           `yaml:"description"`
	Format      string           `yaml:"format"`
	Enum        []string         `yaml:"enum"`
	Const       string           `yaml:"const"`
	Default     yaml.Node        `yaml:"default"`
	Minimum     *int             `yaml:"minimum"`
	Maximum     *int             `yaml:"maximum"`
	Required    []string         `yaml:"required"`
	Properties  ordered[*schema] `yaml:"properties"`
	Items       *schema          `yaml:"items"`
	OneOf       []*schema        `yaml:"oneOf"`
	AllOf       []*schema        `yaml:"allOf"`
}

// ordered is a mapping in the order in which it was written.
type ordered[T any] []entry[T]

type entry[T any] struct {
	Key   string
	Value T
}

// UnmarshalYAML reads a mapping.
func (o *ordered[T]) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d is no mapping", node.Line)
	}
	for i := 0; i < len(node.Content); i += 2 {
		e := entry[T]{Key: node.Content[i].Value}
		if err := node.Content[i+1].Decode(&e.Value); err != nil {
			return err
		}
		*o = append(*o, e)
	}
	return nil
}

func (o ordered[T]) find(key string) (value T, found bool) {
	i := slices.IndexFunc(o, func(e entry[T]) bool { return e.Key == key })
	if i < 0 {
		return value, false
	}
	return o[i].Value, true
}

func readSpec(text []byte) (*spec, error) {
	var s spec
	if err := yaml.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	return &s, nil
}

// named is the last part of a reference: what it is called among its kind.
func named(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

func (c components) parameter(p parameter) parameter {
	if p.Ref != "" {
		return c.Parameters[named(p.Ref)]
	}
	return p
}

func (c components) example(e example) example {
	if e.Ref != "" {
		return c.Examples[named(e.Ref)]
	}
	return e
}

// schema follows a reference; a description beside it is kept.
func (c components) schema(s *schema) *schema {
	if s == nil || s.Ref == "" {
		return s
	}
	target, found := c.Schemas.find(named(s.Ref))
	if !found || s.Description == "" {
		return target
	}
	described := *target
	described.Description = s.Description
	return &described
}
