package admin

import "context"

// addMember handles PUT /v1/groups/{id}/members/{userId}.
func (a *API) addMember(c *call) error { return c.changeMember(a.Registry.AddMember) }

// removeMember handles DELETE /v1/groups/{id}/members/{userId}.
func (a *API) removeMember(c *call) error { return c.changeMember(a.Registry.RemoveMember) }

func (c *call) changeMember(change func(ctx context.Context, groupID, userID string) error) error {
	groupID, err := c.slug("id")
	if err != nil {
		return err
	}
	userID, err := c.uuid("userId")
	if err != nil {
		return err
	}
	if err := change(c.ctx, groupID, userID); err != nil {
		return err
	}
	return c.done()
}
