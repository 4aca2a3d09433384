package admin

import (
	"net/http"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/wire"
	"gatehouse/server/web"
)

// listGroups handles GET /v1/groups.
func (a *API) listGroups(c *call) error {
	q, err := web.ParseQuery(c.Request())
	if err != nil {
		return err
	}
	at := pageOf(q)
	if err := q.Err(c.ctx); err != nil {
		return err
	}
	groups, total, err := a.Registry.Store.Groups(c.ctx, at)
	if err != nil {
		return err
	}
	if total == 0 {
		return errors.NoGroups
	}
	items, err := a.shown(c, groups...)
	if err != nil {
		return err
	}
	return list(a, c, at, items, total)
}

// shown returns groups as answers show them, with their members.
func (a *API) shown(c *call, groups ...identity.Group) ([]wire.Group, error) {
	items := make([]wire.Group, len(groups))
	if len(groups) == 0 {
		return items, nil
	}
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	members, err := a.Registry.Store.Members(c.ctx, ids, wire.MostUsernames)
	if err != nil {
		return nil, err
	}
	for i, g := range groups {
		items[i] = wire.FromGroup(g, members[g.ID])
	}
	return items, nil
}

// createGroup handles POST /v1/groups.
func (a *API) createGroup(c *call) error {
	in, err := body(c, wire.ParseNewGroup)
	if err != nil {
		return err
	}
	group, err := a.Registry.CreateGroup(c.ctx, in)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", "/v1/groups/"+group.ID)
	c.setVersion(group.Version)
	return c.JSON(http.StatusCreated, wire.FromGroup(group, identity.Members{}))
}

// readGroup handles GET /v1/groups/{id}.
func (a *API) readGroup(c *call) error {
	id, err := c.slug("id")
	if err != nil {
		return err
	}
	group, err := a.Registry.Store.Group(c.ctx, id)
	if err != nil {
		return err
	}
	return a.showGroup(c, group)
}

// updateGroup handles PATCH /v1/groups/{id}.
func (a *API) updateGroup(c *call) error {
	id, versions, err := c.target((*call).slug)
	if err != nil {
		return err
	}
	change, err := body(c, wire.ParseGroupChange)
	if err != nil {
		return err
	}
	group, err := a.Registry.UpdateGroup(c.ctx, id, change, versions)
	if err != nil {
		return err
	}
	return a.showGroup(c, group)
}

func (a *API) showGroup(c *call, group identity.Group) error {
	items, err := a.shown(c, group)
	if err != nil {
		return err
	}
	c.setVersion(group.Version)
	return c.JSON(http.StatusOK, items[0])
}

// deleteGroup handles DELETE /v1/groups/{id}.
func (a *API) deleteGroup(c *call) error {
	id, versions, err := c.target((*call).slug)
	if err != nil {
		return err
	}
	if err := a.Registry.DeleteGroup(c.ctx, id, versions); err != nil {
		return err
	}
	return c.done()
}
