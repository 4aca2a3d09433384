package admin

import (
	"net/http"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/wire"
	"gatehouse/server/web"
)

// listUsers handles GET /v1/users.
func (a *API) listUsers(c *call) error {
	q, err := web.ParseQuery(c.Request())
	if err != nil {
		return err
	}
	find := identity.UserQuery{
		Page: pageOf(q), Prefix: q.Text("q"), Username: q.Text("username"),
		Email: q.Text("email"), Group: q.Text("group"), Sort: q.OneOf("sort", sortOrders()...),
		SignedInBefore: q.Time("lastSignInBefore"), SignedInAfter: q.Time("lastSignInAfter"),
	}
	if state := q.OneOf("disabled", "true", "false"); state != "" {
		disabled := state == "true"
		find.Disabled = &disabled
	}
	if q.OneOf("frozen", "true") != "" {
		find.FrozenAt = a.Now()
	}
	if err := q.Err(c.ctx); err != nil {
		return err
	}
	users, total, err := a.Registry.Store.Users(c.ctx, find)
	if err != nil {
		return err
	}
	if total == 0 {
		return errors.NoUsers
	}
	items := make([]wire.User, len(users))
	for i, u := range users {
		items[i] = wire.UserAt(u, a.Now())
	}
	return list(a, c, find.Page, items, total)
}

// sortOrders are identity.UserOrders in both directions.
func sortOrders() []string {
	var all []string
	for _, order := range identity.UserOrders {
		all = append(all, order, "-"+order)
	}
	return all
}

// createUser handles POST /v1/users.
func (a *API) createUser(c *call) error {
	in, err := body(c, wire.ParseNewUser)
	if err != nil {
		return err
	}
	user, err := a.Registry.CreateUser(c.ctx, in)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", "/v1/users/"+user.ID)
	return a.showUser(c, http.StatusCreated, user)
}

// readUser handles GET /v1/users/{id}.
func (a *API) readUser(c *call) error {
	id, err := c.uuid("id")
	if err != nil {
		return err
	}
	user, err := a.Registry.Store.User(c.ctx, id)
	if err != nil {
		return err
	}
	return a.showUser(c, http.StatusOK, user)
}

// updateUser handles PATCH /v1/users/{id}.
func (a *API) updateUser(c *call) error {
	id, versions, err := c.target((*call).uuid)
	if err != nil {
		return err
	}
	change, err := body(c, wire.ParseUserChange)
	if err != nil {
		return err
	}
	user, err := a.Registry.UpdateUser(c.ctx, id, change, versions)
	if err != nil {
		return err
	}
	return a.showUser(c, http.StatusOK, user)
}

// deleteUser handles DELETE /v1/users/{id}.
func (a *API) deleteUser(c *call) error {
	id, versions, err := c.target((*call).uuid)
	if err != nil {
		return err
	}
	if err := a.Registry.DeleteUser(c.ctx, id, versions); err != nil {
		return err
	}
	return c.done()
}

func (a *API) showUser(c *call, status int, user identity.User) error {
	c.setVersion(user.Version)
	return c.JSON(status, wire.UserAt(user, a.Now()))
}
