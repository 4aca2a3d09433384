package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/templates"
)

// errorPages answers /errors, /errors/{code} and /assets/{name} from bytes that
// are made once, when the first of them is asked for: what a code means does not
// change while the server runs, and nobody waits for pages at its start.
type errorPages struct {
	load func() (*errorSite, error)
}

// errorSite is everything that there is to show.
type errorSite struct {
	templates *templates.Set
	list      document
	details   map[string]document // by code
}

// document is a page in both of its forms.
type document struct{ html, json representation }

type representation struct {
	body      []byte
	mediaType string
	etag      string
}

// newErrorPages returns pages for every code, with answers as r writes them.
func newErrorPages(r *renderer) *errorPages { return &errorPages{sync.OnceValues(r.errorSite)} }

func (r *renderer) errorSite() (*errorSite, error) {
	set, err := r.pages()
	if err != nil {
		return nil, err
	}
	catalogue := errors.Catalogue()
	s := &errorSite{templates: set, details: make(map[string]document, len(catalogue))}
	if s.list, err = listDocument(set, catalogue); err != nil {
		return nil, err
	}
	for i, code := range catalogue {
		page := r.detail(code)
		if i > 0 {
			page.Previous = line(catalogue[i-1])
		}
		if i < len(catalogue)-1 {
			page.Next = line(catalogue[i+1])
		}
		if s.details[code.ID], err = detailDocument(set, page, code); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// index handles GET /errors.
func (p *errorPages) index(c echo.Context) error {
	site, err := p.load()
	if err != nil {
		return err
	}
	return site.list.write(c)
}

// detail handles GET /errors/{code}, whatever the case of the code.
func (p *errorPages) detail(c echo.Context) error {
	site, err := p.load()
	if err != nil {
		return err
	}
	code := c.Param("code")
	if page, ok := site.details[strings.ToUpper(code)]; ok {
		return page.write(c)
	}
	if wantsJSON(c.Request()) {
		return errors.RouteNotFound
	}
	page, err := site.templates.ErrorUnknown(templates.ErrorUnknown{Code: code})
	if err != nil {
		return err
	}
	setPageHeaders(c)
	return c.HTMLBlob(http.StatusNotFound, page)
}

// asset handles GET /assets/{name}. A name has its content's hash in it, so what
// it stands for never changes.
func (p *errorPages) asset(c echo.Context) error {
	site, err := p.load()
	if err != nil {
		return err
	}
	asset, ok := site.templates.Asset(c.Param("name"))
	if !ok {
		return errors.RouteNotFound
	}
	header := c.Response().Header()
	header.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	if asset.ContentType == imageSVG {
		header.Set(echo.HeaderContentSecurityPolicy, svgPolicy)
	}
	return c.Blob(http.StatusOK, asset.ContentType, asset.Body)
}

// An SVG may come from a company, and is a document of its own when it is opened by
// itself: it may have the style that it brings, and run nothing.
const (
	imageSVG  = "image/svg+xml"
	svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)

func setPageHeaders(c echo.Context) {
	header := c.Response().Header()
	header.Set(echo.HeaderContentSecurityPolicy, templates.ContentSecurityPolicy)
	header.Set(echo.HeaderVary, echo.HeaderAccept)
}

func (d document) write(c echo.Context) error {
	r := d.html
	if wantsJSON(c.Request()) {
		r = d.json
	}
	setPageHeaders(c)
	header := c.Response().Header()
	header.Set(echo.HeaderCacheControl, "public, max-age=300")
	header.Set("ETag", r.etag)
	if slices.Contains(splitList(c.Request().Header.Get("If-None-Match")), r.etag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, r.mediaType, r.body)
}

func newDocument(html []byte, data any) (document, error) {
	body, err := encode(data)
	if err != nil {
		return document{}, err
	}
	return document{html: represent(html, echo.MIMETextHTMLCharsetUTF8), json: represent(body, echo.MIMEApplicationJSON)}, nil
}

func represent(body []byte, mediaType string) representation {
	sum := sha256.Sum256(body)
	return representation{body, mediaType, `"` + hex.EncodeToString(sum[:8]) + `"`}
}
