package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"sync"
)

// ContentSecurityPolicy is what the pages that are []byte must be sent with; a
// Page has its own.
const ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed pages signin messages assets
var files embed.FS

// Set is all pages and assets, ready to be rendered.
type Set struct {
	base    string
	assets  map[string]Asset // by name in an address
	links   map[string]string
	pages   map[string]*template.Template
	signIn  map[string]signIn // by language
	buffers sync.Pool         // of *bytes.Buffer
}

// New is NewBranded with the zero Brand.
func New(base string) (*Set, error) { return NewBranded(base, Brand{}) }

// NewBranded reads the pages and assets. Links in pages start with base, which is
// the path of the address that the server is reached at, or "" when it has none.
// The brand is that of the pages of a sign-in; it is an error when it is not
// valid.
func NewBranded(base string, brand Brand) (*Set, error) {
	s := &Set{base: base, pages: make(map[string]*template.Template), signIn: make(map[string]signIn)}
	if err := s.readAssets(); err != nil {
		return nil, err
	}
	if err := brand.Validate(); err != nil {
		return nil, fmt.Errorf("brand: %w", err)
	}
	s.addBrand(brand)
	if err := s.readPages(); err != nil {
		return nil, err
	}
	for _, language := range Languages() {
		pages, err := s.readSignIn(language, brand)
		if err != nil {
			return nil, err
		}
		s.signIn[language] = pages
	}
	return s, nil
}

func (s *Set) readPages() error {
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return fmt.Errorf("list pages: %w", err)
	}
	for _, name := range names {
		page, err := template.New("").Funcs(template.FuncMap{"asset": s.assetLink, "link": s.link}).ParseFS(files, "pages/partials/*.html", name)
		if err != nil {
			return fmt.Errorf("read page: %w", err)
		}
		s.pages[name] = page
	}
	return nil
}

// link returns the address of a path of this server.
func (s *Set) link(path string) string { return s.base + path }

func (s *Set) render(page string, data any) ([]byte, error) {
	return s.execute(s.pages["pages/"+page], data)
}

// execute renders a page in a buffer that later pages use again.
func (s *Set) execute(page *template.Template, data any) ([]byte, error) {
	out, ok := s.buffers.Get().(*bytes.Buffer)
	if !ok {
		out = new(bytes.Buffer)
	}
	defer s.buffers.Put(out)
	out.Reset()
	if err := page.ExecuteTemplate(out, "page", data); err != nil {
		return nil, fmt.Errorf("render page: %w", err)
	}
	return bytes.Clone(out.Bytes()), nil
}
