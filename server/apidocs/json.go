package apidocs

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// widest is how many characters of JSON stand on one line.
const widest = 72

// toJSON writes an example as JSON, its members in the order in which they were
// written, in as few lines as can be read.
func toJSON(node *yaml.Node) string {
	var b strings.Builder
	writeJSON(&b, node, "")
	return b.String()
}

func writeJSON(b *strings.Builder, node *yaml.Node, indent string) {
	line := compact(node)
	if node.Kind == yaml.ScalarNode || len(indent)+len(line) <= widest {
		b.WriteString(line)
		return
	}
	opening, closing, step := "{", "}", 2
	if node.Kind == yaml.SequenceNode {
		opening, closing, step = "[", "]", 1
	}
	inner := indent + "  "
	b.WriteString(opening)
	for i := 0; i < len(node.Content); i += step {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n" + inner)
		if step == 2 {
			b.WriteString(quoted(node.Content[i].Value) + ": ")
		}
		writeJSON(b, node.Content[i+step-1], inner)
	}
	b.WriteString("\n" + indent + closing)
}

// compact writes a value on one line.
func compact(node *yaml.Node) string {
	var parts []string
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			parts = append(parts, quoted(node.Content[i].Value)+": "+compact(node.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case yaml.SequenceNode:
		for _, item := range node.Content {
			parts = append(parts, compact(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if node.Tag == "!!str" || node.Tag == "!!timestamp" {
		return quoted(node.Value)
	}
	return node.Value
}

func quoted(s string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string can be encoded
	return strings.TrimSuffix(b.String(), "\n")
}
