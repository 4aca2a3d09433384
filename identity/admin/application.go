package admin

import (
	"net/http"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/wire"
	"gatehouse/server/web"
)

// mostApplications is how many applications are listed at once when neither a
// page nor a limit is asked for.
const mostApplications = 1000

// listApplications handles GET /v1/applications.
func (a *API) listApplications(c *call) error {
	q, err := web.ParseQuery(c.Request())
	if err != nil {
		return err
	}
	at := pageOf(q)
	_, paged := q.Take("page")
	_, limited := q.Take("limit")
	if err := q.Err(c.ctx); err != nil {
		return err
	}
	if !paged && !limited {
		at.Limit = mostApplications
	}
	apps, total, err := a.Registry.Store.Applications(c.ctx, at)
	if err != nil {
		return err
	}
	if total == 0 {
		return errors.NoApplications
	}
	c.setNeighbours(at, total)
	items := make([]wire.Application, len(apps))
	for i, app := range apps {
		items[i] = wire.FromApplication(app, "")
	}
	return c.JSON(http.StatusOK, items)
}

// createApplication handles POST /v1/applications.
func (a *API) createApplication(c *call) error {
	in, err := body(c, wire.ParseNewApplication)
	if err != nil {
		return err
	}
	app, secret, err := a.Registry.CreateApplication(c.ctx, in)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", "/v1/applications/"+app.ID)
	return c.showApplication(http.StatusCreated, app, secret)
}

// readApplication handles GET /v1/applications/{id}.
func (a *API) readApplication(c *call) error {
	id, err := c.uuid("id")
	if err != nil {
		return err
	}
	app, err := a.Registry.Store.Application(c.ctx, id)
	if err != nil {
		return err
	}
	return c.showApplication(http.StatusOK, app, "")
}

// updateApplication handles PATCH /v1/applications/{id}.
func (a *API) updateApplication(c *call) error {
	id, versions, err := c.target((*call).uuid)
	if err != nil {
		return err
	}
	change, err := body(c, wire.ParseApplicationChange)
	if err != nil {
		return err
	}
	app, err := a.Registry.UpdateApplication(c.ctx, id, change, versions)
	if err != nil {
		return err
	}
	return c.showApplication(http.StatusOK, app, "")
}

// deleteApplication handles DELETE /v1/applications/{id}.
func (a *API) deleteApplication(c *call) error {
	id, versions, err := c.target((*call).uuid)
	if err != nil {
		return err
	}
	if err := a.Registry.DeleteApplication(c.ctx, id, versions); err != nil {
		return err
	}
	return c.done()
}

// rotateSecret handles POST /v1/applications/{id}/rotate-secret.
func (a *API) rotateSecret(c *call) error {
	id, versions, err := c.target((*call).uuid)
	if err != nil {
		return err
	}
	keepOldFor, err := optionalBody(c, wire.ParseRotation)
	if err != nil {
		return err
	}
	app, secret, err := a.Registry.RotateSecret(c.ctx, id, "", keepOldFor, versions)
	if err != nil {
		return err
	}
	return c.showApplication(http.StatusOK, app, secret)
}

func (c *call) showApplication(status int, app identity.Application, secret string) error {
	c.setVersion(app.Version)
	return c.JSON(status, wire.FromApplication(app, secret))
}
