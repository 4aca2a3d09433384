package admin

import (
	"net/http"

	"gatehouse/server/audit"
	"gatehouse/server/web"
	"gatehouse/storage"
)

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
		Limit: q.Number("limit", 1, audit.MostOnPage, audit.UsualOnPage),
	}
	if err := q.Err(c.ctx); err != nil {
		return err
	}
	page, err := audit.Read(c.ctx, a.Registry.Store, find)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, page)
}
