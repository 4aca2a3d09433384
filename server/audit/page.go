package audit

import (
	"context"

	"gatehouse/storage"
)

// Page is a page of the audit trail, newest first. Pages follow each other by Next,
// which new events do not shift.
type Page struct {
	Items []Event `json:"items"`
	Limit int     `json:"limit"`
	Next  string  `json:"next,omitempty"` // the query's Before for the next page; empty: there is none
}

// The entries of a page: at most, and where no limit is asked for.
const (
	MostOnPage  = 100
	UsualOnPage = 50
)

// Read returns the page that a query finds.
func Read(ctx context.Context, store storage.Audit, q storage.AuditQuery) (Page, error) {
	page := Page{Limit: q.Limit}
	q.Limit++ // the one more says whether there is another page
	events, err := store.AuditEvents(ctx, q)
	if err != nil {
		return Page{}, err
	}
	if len(events) > page.Limit {
		events = events[:page.Limit]
		page.Next = events[len(events)-1].ID
	}
	page.Items = make([]Event, len(events))
	for i, e := range events {
		page.Items[i] = From(e)
	}
	return page, nil
}
