package admin

import (
	"context"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/server/bearer"
	"gatehouse/server/caller"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// call is one request, and who makes it once that is known.
type call struct {
	echo.Context
	ctx   context.Context
	token *bearer.Token
}

// trail is where the checks of the call are noted.
func (c *call) trail() *explain.Trail { return web.Trail(c.ctx) }

// serve makes the handler of a route: whatever it answers, it has found out who
// asks and that they may, and what it refuses is noted.
func (a *API) serve(r route) echo.HandlerFunc {
	permissions := r.permissions()
	return func(ec echo.Context) error {
		c := &call{Context: ec, ctx: ec.Request().Context()}
		err := a.answer(c, r, permissions)
		if err != nil && c.token != nil {
			a.refused(c, r, err)
		}
		return err
	}
}

func (a *API) answer(c *call, r route, permissions [][2]string) error {
	if err := a.admit(c); err != nil {
		return err
	}
	if err := a.authorise(c, r, permissions); err != nil {
		return err
	}
	return r.handle(a, c)
}

// admit finds out who asks, if their address has requests left.
func (a *API) admit(c *call) error {
	address := web.ClientAddress(c.ctx)
	if wait, ok := a.Allow(web.AddressKey(address)); !ok {
		c.trail().Fail(explain.RateLimit, "none left", "the next one in "+wait.String())
		return errors.IdentityTooManyRequests.After(wait)
	}
	c.trail().Pass(explain.RateLimit)
	token, err := a.Bearer.Caller(c.Request())
	if err != nil {
		return err
	}
	c.token = token
	who := caller.Of(token)
	c.ctx = registry.WithActor(c.ctx, who.Actor(address, web.RequestID(c.ctx)))
	if !who.MayAdminister() {
		c.trail().Fail(explain.Authority, "a consent", "the user's own authority")
		return errors.IdentityAccessDenied.On(map[string]string{"authority": "is a consent, which never opens the identity API"})
	}
	c.trail().Pass(explain.Authority)
	return nil
}

// authorise says whether the caller may make the call.
func (a *API) authorise(c *call, r route, permissions [][2]string) error {
	if r.whose == everybody || r.whose == own && c.isOwn() {
		c.trail().Pass(explain.Permission)
		return nil
	}
	policy, err := a.Policy(c.ctx)
	if err != nil {
		return err
	}
	groups := registry.ActorOf(c.ctx).Groups
	for _, p := range permissions {
		if !policy.Administers(groups, p[0], p[1]).Allowed {
			needed, of := p[0]+":"+p[1], ofProduct(policy, groups, p)
			c.trail().Fail(explain.Permission, "groups "+explain.List(groups)+of, needed)
			return errors.IdentityAccessDenied.On(map[string]string{"permission": needed + " is needed" + of})
		}
	}
	c.trail().Pass(explain.Permission)
	return nil
}

// ofProduct says which group gives a permission that does not count here, since it
// is for the things of its product; empty: none does.
func ofProduct(policy *identity.Policy, groups []string, p [2]string) string {
	by := policy.Decide(groups, identity.Question{Resource: p[0], Action: p[1]})
	if !by.Allowed {
		return ""
	}
	return "; " + by.Group + " gives it within the product " + policy.Product(by.Group) + " alone"
}

// isOwn says whether the path is about the user who calls.
func (c *call) isOwn() bool {
	id, err := c.uuid("id")
	return err == nil && c.token.User != nil && c.token.User.ID == id
}
