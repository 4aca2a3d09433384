package templates

import (
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	texttemplate "text/template"
)

// Page is a page of a sign-in and what to send it with.
type Page struct {
	Body     []byte // HTML in UTF-8
	Language string // for Content-Language: "pt-BR"
	Policy   string // for Content-Security-Policy
}

// signIn are the pages of a sign-in in one language.
type signIn struct {
	tag   string                        // "pt-BR"
	pages map[string]*template.Template // by file name: "login.html"
}

// constants are what the pages of a sign-in are filled in with once. Their
// sources have these between [[ and ]], and what changes from request to request
// between {{ and }}.
type constants struct {
	messages
	Base     text   // before paths of this server
	Name     text   // of the brand
	Logo     text   // address; "" for Gatehouse's icon
	LogoType string // media type
	BrandCSS text   // address; "" for none
}

// readSignIn reads the pages of a sign-in in a language.
func (s *Set) readSignIn(language string, brand Brand) (signIn, error) {
	c, err := s.constants(language, brand)
	if err != nil {
		return signIn{}, err
	}
	layout, err := s.fillIn("signin/partials/layout.html", c)
	if err != nil {
		return signIn{}, err
	}
	names, err := fs.Glob(files, "signin/*.html")
	if err != nil {
		return signIn{}, fmt.Errorf("list pages: %w", err)
	}
	pages := signIn{c.Tag, make(map[string]*template.Template, len(names))}
	for _, name := range names {
		source, err := s.fillIn(name, c)
		if err != nil {
			return signIn{}, err
		}
		page, err := template.New("").Parse(layout + source)
		if err != nil {
			return signIn{}, fmt.Errorf("read page %s: %w", name, err)
		}
		pages.pages[path.Base(name)] = page
	}
	return pages, nil
}

func (s *Set) constants(language string, brand Brand) (constants, error) {
	m, err := readMessages(language)
	if err != nil {
		return constants{}, err
	}
	c := constants{messages: m, Base: text(s.base), Name: "Gatehouse"}
	if brand.Name != "" {
		c.Name = text(brand.Name)
	}
	if len(brand.Logo) > 0 {
		file := "logo" + imageExtension(brand.Logo)
		c.LogoType = contentTypes[path.Ext(file)]
		if c.Logo, err = s.assetText(file); err != nil {
			return constants{}, err
		}
	}
	if len(brand.CSS) > 0 {
		if c.BrandCSS, err = s.assetText("brand.css"); err != nil {
			return constants{}, err
		}
	}
	return c, nil
}

// assetText is assetLink for a page's source.
func (s *Set) assetText(file string) (text, error) {
	link, err := s.assetLink(file)
	return text(link), err
}

// fillIn returns the source of a page in which everything between [[ and ]] is
// filled in.
func (s *Set) fillIn(name string, c constants) (string, error) {
	source, err := texttemplate.New(path.Base(name)).Delims("[[", "]]").Funcs(texttemplate.FuncMap{"asset": s.assetText}).ParseFS(files, name)
	if err != nil {
		return "", fmt.Errorf("read page: %w", err)
	}
	var out strings.Builder
	if err := source.Execute(&out, c); err != nil {
		return "", fmt.Errorf("fill in page: %w", err)
	}
	return out.String(), nil
}

// page renders a page of a sign-in; in the first language, when there is none in
// the one that is wanted.
func (s *Set) page(language, name string, data any, p policy) (Page, error) {
	pages, ok := s.signIn[language]
	if !ok {
		pages = s.signIn[Languages()[0]]
	}
	body, err := s.execute(pages.pages[name], data)
	if err != nil {
		return Page{}, err
	}
	return Page{Body: body, Language: pages.tag, Policy: p.String()}, nil
}
