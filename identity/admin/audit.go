package admin

import (
	"net/http"

	"gatehouse/server/audit"
	"gatehouse/storage"
)

// auditPage is a page of the audit trail. Pages follow each other by Next, which
// new events do not shift.
type auditPage struct {
	Items []audit.Event `json:"items"`
	Limit int           `json:"limit"`
	Next  string        `json:"next,omitempty"`
}

// usualEventsOnPage is how many events a page has when no limit is asked for.
const usualEventsOnPage = 50

// listAuditEvents handles GET /v1/audit-events.
func (a *API) listAuditEvents(c *call) error {
	q, err := c.queryOf()
	if err != nil {
		return err
	}
	find := storage.AuditQuery{
		Actor: q.text("actor"), Subject: q.text("subject"),
		SubjectType: q.text("subjectType"), Action: q.text("action"),
		From: q.time("from"), To: q.time("to"), Before: q.uuid("before"),
		Limit: q.number("limit", 1, mostOnPage, usualEventsOnPage),
	}
	if err := q.err(c); err != nil {
		return err
	}
	out := auditPage{Limit: find.Limit}
	find.Limit++ // the one more says whether there is another page
	events, err := a.Registry.Store.AuditEvents(c.ctx, find)
	if err != nil {
		return err
	}
	if len(events) > out.Limit {
		events = events[:out.Limit]
		out.Next = events[len(events)-1].ID
	}
	out.Items = make([]audit.Event, len(events))
	for i, e := range events {
		out.Items[i] = audit.From(e)
	}
	return c.JSON(http.StatusOK, out)
}
