package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
)

// ContentSecurityPolicy is what pages must be sent with.
const ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed pages assets
var files embed.FS

// Set is all pages and assets, ready to be rendered.
type Set struct {
	base   string
	assets map[string]Asset // by name in an address
	links  map[string]string
	pages  map[string]*template.Template
}

// New reads the pages and assets. Links in pages start with base, which is the
// path of the address that the server is reached at, or "" when it has none.
func New(base string) (*Set, error) {
	s := &Set{base: base, pages: make(map[string]*template.Template)}
	if err := s.readAssets(); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	for _, name := range names {
		page, err := template.New("").Funcs(template.FuncMap{"asset": s.assetLink, "link": s.link}).ParseFS(files, "pages/partials/*.html", name)
		if err != nil {
			return nil, fmt.Errorf("read page: %w", err)
		}
		s.pages[name] = page
	}
	return s, nil
}

// link returns the address of a path of this server.
func (s *Set) link(path string) string { return s.base + path }

func (s *Set) render(page string, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := s.pages["pages/"+page].ExecuteTemplate(&out, "page", data); err != nil {
		return nil, fmt.Errorf("render %s: %w", page, err)
	}
	return out.Bytes(), nil
}
