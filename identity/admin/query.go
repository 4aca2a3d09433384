package admin

import (
	"gatehouse/identity"
	"gatehouse/server/web"
)

// The bounds of a page. mostPages times mostOnPage is far from overflowing.
const (
	mostPages   = 1<<31 - 1
	mostOnPage  = 100
	usualOnPage = 10
)

// pageOf returns which page is asked for.
func pageOf(q *web.Query) identity.Page {
	return identity.Page{
		Number: q.Number("page", 1, mostPages, 1),
		Limit:  q.Number("limit", 1, mostOnPage, usualOnPage),
	}
}
