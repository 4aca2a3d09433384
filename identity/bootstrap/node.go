package bootstrap

import (
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

const (
	// mostValues is how many values a file may hold once its aliases are followed.
	mostValues = 2_000_000
	// deepest is how deep values may be nested.
	deepest = 16
	// deepestMerge is how deep merges ("<<") may be nested in merges.
	deepestMerge = 4
	// mostMistakes is how many mistakes are told at once.
	mostMistakes = 1000
)

// reader reads the nodes of one file, and gathers what is wrong with them.
type reader struct {
	open    Open
	found   Mistakes
	exposed Mistakes  // secrets in files of their own that everyone may read
	inline  []Mistake // secrets in the file itself
	left    int       // how many more values may be looked at
}

// Open reads a file that a file names, and tells its mode.
type Open func(name string) (content []byte, mode fs.FileMode, err error)

func (r *reader) bad(m Mistake) {
	if len(r.found) < mostMistakes {
		r.found = append(r.found, m)
	}
}

// absent stands for what is not there.
var absent = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}

// resolve follows an alias. Once there were too many values, none is left.
func (r *reader) resolve(n *yaml.Node) *yaml.Node {
	if r.left--; r.left < 0 {
		return &absent
	}
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// object is a mapping that is being read, field by field.
type object struct {
	*reader
	place
	fields map[string]*yaml.Node
	order  []string // of the fields, as they are written
	known  []string // fields that were asked for
}

// object begins to read a mapping; without one, none of its fields is there.
func (r *reader) object(path string, line int, n *yaml.Node) *object {
	o := &object{reader: r, place: place{path: path, line: line, lines: map[string]int{}}, fields: map[string]*yaml.Node{}}
	if n.Kind == yaml.MappingNode {
		o.collect(n, 0)
	} else {
		r.bad(Mistake{Path: path, Line: line, Problem: "must be fields, each with a name, a colon and a value"})
	}
	return o
}

// collect gathers the fields of a mapping, and those that it merges and does not
// have itself.
func (o *object) collect(n *yaml.Node, depth int) {
	if depth > deepestMerge {
		o.bad(Mistake{Path: o.path, Line: n.Line, Problem: "merges too deep"})
		return
	}
	var merged []*yaml.Node
	own := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := o.resolve(n.Content[i]), n.Content[i+1]
		switch first, twice := own[key.Value]; {
		case key.Kind != yaml.ScalarNode || key.Tag == absent.Tag:
			o.bad(Mistake{Path: o.path, Line: n.Content[i].Line, Problem: "has a field whose name is no word"})
		case key.Tag == "!!merge":
			merged = append(merged, value)
		case twice:
			o.bad(Mistake{Path: join(o.path, key.Value), Line: key.Line, Problem: fmt.Sprintf("is given already in line %d", first)})
		default:
			own[key.Value] = key.Line
			o.add(key, value)
		}
	}
	for _, value := range merged {
		o.merge(value, depth+1)
	}
}

func (o *object) add(key, value *yaml.Node) {
	if _, there := o.fields[key.Value]; !there {
		o.fields[key.Value], o.lines[key.Value] = value, key.Line
		o.order = append(o.order, key.Value)
	}
}

// merge adds the fields of a mapping, or of a list of them.
func (o *object) merge(n *yaml.Node, depth int) {
	mappings := []*yaml.Node{o.resolve(n)}
	if mappings[0].Kind == yaml.SequenceNode {
		mappings = mappings[0].Content
	}
	for _, m := range mappings {
		if m = o.resolve(m); m.Kind != yaml.MappingNode {
			o.bad(Mistake{Path: join(o.path, "<<"), Line: n.Line, Problem: "must be an alias of fields, or a list of them"})
			continue
		}
		o.collect(m, depth)
	}
}

// end notes the fields that nobody asked for.
func (o *object) end() {
	asked := make(map[string]bool, len(o.known))
	for _, name := range o.known {
		asked[name] = true
	}
	for _, name := range o.order {
		if !asked[name] {
			o.bad(Mistake{Path: join(o.path, name), Line: o.lines[name], Problem: "is not a field here", Written: name, Names: o.known})
		}
	}
}

// field returns a field that is there and not null, or nil.
func (o *object) field(name string) *yaml.Node {
	o.known = append(o.known, name)
	n, there := o.fields[name]
	if !there {
		return nil
	}
	if n = o.resolve(n); n.Kind == yaml.ScalarNode && n.Tag == absent.Tag {
		return nil
	}
	return n
}

// list returns the entries of a list, nil when it is absent.
func (o *object) list(name string) []*yaml.Node {
	n := o.field(name)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		o.bad(o.wrong(name, "must be a list"))
		return nil
	}
	if n.Content == nil {
		return []*yaml.Node{}
	}
	return n.Content
}

// objects begins to read a list of mappings.
func (o *object) objects(name string) []*object {
	list := o.list(name)
	all := make([]*object, len(list))
	for i, n := range list {
		all[i] = o.object(fmt.Sprintf("%s[%d]", join(o.path, name), i), n.Line, o.resolve(n))
	}
	return all
}
