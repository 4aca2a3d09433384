package admin

import (
	"net/http"

	"gatehouse/server/audit"
	"gatehouse/server/web"
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
	q, err := web.ParseQuery(c.Request())
	if err != nil {
		return err
	}
	find := storage.AuditQuery{
		Actor: q.Text("actor"), Subject: q.Text("subject"),
		SubjectType: q.Text("subjectType"), Action: q.Text("action"),
		From: q.Time("from"), To: q.Time("to"), Before: q.UUID("before"),
		Limit: q.Number("limit", 1, mostOnPage, usualEventsOnPage),
	}
	if err := q.Err(c.ctx); err != nil {
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
