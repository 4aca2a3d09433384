package admin

import "context"

// addMember handles PUT /v1/groups/{id}/members/{userId}.
func (a *API) addMember(c *call) error { return c.changeMember("userId", a.Registry.AddMember) }

// removeMember handles DELETE /v1/groups/{id}/members/{userId}.
func (a *API) removeMember(c *call) error { return c.changeMember("userId", a.Registry.RemoveMember) }

// addApplication handles PUT /v1/groups/{id}/applications/{applicationId}.
func (a *API) addApplication(c *call) error {
	return c.changeMember("applicationId", a.Registry.AddApplication)
}

// removeApplication handles DELETE /v1/groups/{id}/applications/{applicationId}.
func (a *API) removeApplication(c *call) error {
	return c.changeMember("applicationId", a.Registry.RemoveApplication)
}

func (c *call) changeMember(who string, change func(ctx context.Context, groupID, id string) error) error {
	groupID, err := c.slug("id")
	if err != nil {
		return err
	}
	id, err := c.uuid(who)
	if err != nil {
		return err
	}
	if err := change(c.ctx, groupID, id); err != nil {
		return err
	}
	return c.done()
}
