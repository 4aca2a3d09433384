package apidocs

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the description
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/templates"
)

//go:embed openapi.yaml
var description []byte

// Description returns openapi.yaml as it was written.
func Description() []byte { return slices.Clone(description) }

// Deps is all this package takes from the rest of the program.
type Deps struct {
	Issuer   string                // without a slash at its end
	StatusOf func(errors.Kind) int // of a refusal on /v1
	Pages    func() (*templates.Set, error)
}

// Handler serves the description and its page. Both are made when they are asked
// for first: nobody waits for them at the start.
type Handler struct {
	document func() file
	page     func() (file, error)
}

// New returns a Handler; every field of d is required.
func New(d Deps) *Handler {
	return &Handler{
		document: sync.OnceValue(func() file { return newFile(d.addressed(), "application/yaml") }),
		page: sync.OnceValues(func() (file, error) {
			html, err := d.render()
			return newFile(html, echo.MIMETextHTMLCharsetUTF8), err
		}),
	}
}

// someServer is the address in the description as it was written.
const someServer = "http://localhost:4000"

// addressed is the description with this server's address in it.
func (d Deps) addressed() []byte {
	return bytes.Replace(description, []byte("'"+someServer+"'"), []byte("'"+strings.ReplaceAll(d.Issuer, "'", "''")+"'"), 1)
}

// Document handles GET /openapi.yaml.
func (h *Handler) Document(c echo.Context) error { return h.document().write(c) }

// Page handles GET /docs.
func (h *Handler) Page(c echo.Context) error {
	page, err := h.page()
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentSecurityPolicy, templates.ContentSecurityPolicy)
	return page.write(c)
}

// file is made once and served many times.
type file struct {
	body      []byte
	mediaType string
	etag      string
}

func newFile(body []byte, mediaType string) file {
	sum := sha256.Sum256(body)
	return file{body, mediaType, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// write lets caches keep the file for five minutes.
func (f file) write(c echo.Context) error {
	header := c.Response().Header()
	header.Set(echo.HeaderCacheControl, "public, max-age=300")
	header.Set("ETag", f.etag)
	for tag := range strings.SplitSeq(c.Request().Header.Get("If-None-Match"), ",") {
		if strings.TrimSpace(tag) == f.etag {
			return c.NoContent(http.StatusNotModified)
		}
	}
	return c.Blob(http.StatusOK, f.mediaType, f.body)
}
