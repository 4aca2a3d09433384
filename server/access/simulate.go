package access

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
	"gatehouse/server/web"
)

// mostProposed is how many groups, and how many users, a proposal may name.
const mostProposed = 1000

// proposal is the body of POST /v1/permissions/simulate, as far as it was read.
type proposal struct {
	groups, users []map[string]any
}

// Simulate handles POST /v1/permissions/simulate.
func (h *Handler) Simulate(c echo.Context) error {
	ctx := c.Request().Context()

	asks, err := h.asks(c)
	if err != nil {
		return err
	}
	if err := aboutOthers(c, asks, ""); err != nil { // for it tells of all products
		return err
	}
	in, err := body(c, func(r *reading) proposal {
		return proposal{r.objects("groups", mostProposed), r.objects("users", mostProposed)}
	})
	if err != nil {
		return err
	}
	if len(in.groups)+len(in.users) == 0 {
		return errors.MissingFields.On(web.Fields(web.ReasonRequired, "groups", "users"))
	}
	var p permissions.Proposal
	if err := proposeGroups(&p, asks.Policy(), in.groups); err != nil {
		return err
	}
	if err := h.proposeUsers(ctx, &p, asks, in.users); err != nil {
		return err
	}
	simulation, err := permissions.Simulate(ctx, asks.Policy(), h.Crowd, p)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, wire.FromSimulation(simulation))
}

// proposeGroups reads the groups as they would be.
func proposeGroups(p *permissions.Proposal, policy *identity.Policy, groups []map[string]any) error {
	seen := make(map[string]bool, len(groups))
	for i, object := range groups {
		r, path := read(object), "groups."+strconv.Itoa(i)+"."
		group := identity.Group{ID: r.need("id"), Name: "proposed", Permissions: r.permissions("permissions")}
		group.Product = policy.Product(group.ID)
		deleted := r.flag("deleted")
		if err := r.err(path); err != nil {
			return err
		}
		if err := group.Validate(); err != nil {
			return errors.Malformed.On(under(path, errors.From(err).Fields))
		}
		switch {
		case seen[group.ID]:
			return errors.Malformed.On(web.Fields(web.ReasonRepeated, path+"id"))
		case !deleted && group.Permissions == nil:
			return errors.MissingFields.On(web.Fields(web.ReasonRequired, path+"permissions"))
		case deleted && group.Permissions != nil:
			return errors.Malformed.On(web.Fields("is given for a group that is to be deleted", path+"permissions"))
		case deleted && !policy.Knows(group.ID):
			return errors.Malformed.On(web.Fields("is no group that there is", path+"id"))
		case deleted:
			p.Deleted = append(p.Deleted, group.ID)
		default:
			p.Groups = append(p.Groups, group)
		}
		seen[group.ID] = true
	}
	return nil
}

// proposeUsers reads the users with the groups that they would be in.
func (h *Handler) proposeUsers(ctx context.Context, p *permissions.Proposal, asks *permissions.Asks, users []map[string]any) error {
	after := asks.Policy().With(p.Groups...).Without(p.Deleted...)
	seen := make(map[string]bool, len(users))
	for i, object := range users {
		r, path := read(object), "users."+strconv.Itoa(i)+"."
		sub, groups := r.need("sub"), r.texts("groups")
		if err := r.err(path); err != nil {
			return err
		}
		subject, err := asks.Subject(ctx, permissions.User, sub, "")
		note(ctx, sub, err)
		if errors.Is(err, errors.SubjectNotFound) {
			return errors.SubjectNotFound.On(web.Fields("is no user that there is", path+"sub"))
		}
		if err != nil {
			return err
		}
		if seen[subject.ID] {
			return errors.Malformed.On(web.Fields(web.ReasonRepeated, path+"sub"))
		}
		seen[subject.ID] = true
		for _, group := range groups {
			if !after.Knows(group) {
				return errors.Malformed.On(web.Fields(fmt.Sprintf("names %q, which would be no group", group), path+"groups"))
			}
		}
		p.Users = append(p.Users, permissions.Membership{User: subject, Groups: groups})
	}
	return nil
}
