package bootstrap

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"gatehouse/errors"
)

const (
	mostBytes       = 4 << 20  // of the file itself
	mostSecretBytes = 64 << 10 // of a file that it names
)

// File is what a file declares.
type File struct {
	Name    string   // without its directory
	Exposed Mistakes // secrets that everyone on the machine may read

	products     []product
	groups       []group
	applications []application
	users        []user
}

// Read reads a file, and the files that it names by a path relative to its own.
// Whatever is wrong is in the Mistakes that it returns.
func Read(path string) (*File, error) {
	content, mode, err := readFile(path, mostBytes)
	if err != nil {
		return nil, Mistakes{{Problem: "cannot be read: " + reason(err)}}
	}
	r, file, err := parse(content, func(name string) ([]byte, fs.FileMode, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		return readFile(name, mostSecretBytes)
	})
	if err != nil {
		return nil, err
	}
	file.Name = filepath.Base(path)
	if mode&worldReadable != 0 {
		for _, m := range r.inline {
			m.Problem = exposedFile(file.Name)
			file.Exposed = append(file.Exposed, m)
		}
	}
	return file, nil
}

func readFile(path string, most int64) ([]byte, fs.FileMode, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("has more than %d KiB", most>>10)
	}
	return content, info.Mode(), err
}

// Parse reads the content of a file; open reads the files that it names.
func Parse(content []byte, open Open) (*File, error) {
	_, file, err := parse(content, open)
	return file, err
}

func parse(content []byte, open Open) (*reader, *File, error) {
	root, err := document(content)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{open: open, left: mostValues}
	file := r.file(r.object("", 0, r.resolve(root)))
	if r.left < 0 {
		return nil, nil, Mistakes{{Problem: fmt.Sprintf("holds more than %d values once its aliases are followed", mostValues)}}
	}
	file.Exposed = r.exposed
	return r, file, r.found.err()
}

// document is the one document in a file.
func document(content []byte) (*yaml.Node, error) {
	var first, second yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(content)))
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, Mistakes{{Problem: "declares nothing"}}
	case err != nil:
		return nil, notYAML(err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, Mistakes{{Line: second.Line, Problem: "holds more than one document"}}
	case !errors.Is(err, io.EOF):
		return nil, notYAML(err)
	}
	return first.Content[0], nil
}

// notYAML takes the line out of what the parser says.
func notYAML(err error) error {
	m := Mistake{Problem: strings.TrimPrefix(err.Error(), "yaml: ")}
	if line, rest, found := strings.Cut(strings.TrimPrefix(m.Problem, "line "), ": "); found {
		if n, err := strconv.Atoi(line); err == nil {
			m.Line, m.Problem = n, rest
		}
	}
	m.Problem = "is not YAML: " + m.Problem
	return Mistakes{m}
}

// file reads the whole file.
func (r *reader) file(o *object) *File {
	f := &File{}
	for _, p := range o.objects("products") {
		declared := p.product()
		f.products = append(f.products, declared)
		for _, g := range p.objects("groups") {
			f.groups = append(f.groups, g.groupOf(declared))
		}
		p.end()
	}
	for _, g := range o.objects("groups") {
		f.groups = append(f.groups, g.group())
		g.end()
	}
	for _, a := range o.objects("applications") {
		f.applications = append(f.applications, a.application())
		a.end()
	}
	for _, u := range o.objects("users") {
		f.users = append(f.users, u.user())
		u.end()
	}
	if o.end(); len(o.order) == 0 && len(r.found) == 0 {
		r.bad(Mistake{Problem: "declares nothing"})
	}
	r.once(f)
	return f
}
