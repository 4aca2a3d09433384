package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"gatehouse/identity"
)

// page is a page of a list.
type page[T any] struct {
	Items []T `json:"items"`
	Page  int `json:"page"`
	Limit int `json:"limit"`
	Total int `json:"total"`
}

// list answers with a page of a list, in the form that is configured.
func list[T any](a *API, c *call, at identity.Page, items []T, total int) error {
	c.setNeighbours(at, total)
	if a.config.ListFormat == ListArray {
		return c.JSON(http.StatusOK, items)
	}
	return c.JSON(http.StatusOK, page[T]{items, at.Number, at.Limit, total})
}

// setNeighbours tells how much there is, and where the other pages are (RFC 8288).
func (c *call) setNeighbours(at identity.Page, total int) {
	last := (total + at.Limit - 1) / at.Limit
	pages := []struct {
		rel    string
		number int
		there  bool
	}{
		{"first", 1, true},
		{"prev", min(at.Number-1, last), at.Number > 1},
		{"next", at.Number + 1, at.Number < last},
		{"last", last, true},
	}
	var links []string
	for _, p := range pages {
		if p.there {
			links = append(links, "<"+c.pageAt(identity.Page{Number: p.number, Limit: at.Limit})+`>; rel="`+p.rel+`"`)
		}
	}
	header := c.Response().Header()
	header.Set("Link", strings.Join(links, ", "))
	header.Set("X-Total-Count", strconv.Itoa(total))
}

// pageAt is the address of another page of the list that is asked for: its path
// and query, for only the client knows by what name it reached the server.
func (c *call) pageAt(at identity.Page) string {
	query := c.QueryParams()
	values := make(url.Values, len(query)+2)
	for name, value := range query {
		values[name] = value
	}
	values.Set("page", strconv.Itoa(at.Number))
	values.Set("limit", strconv.Itoa(at.Limit))
	return c.Request().URL.Path + "?" + values.Encode()
}
