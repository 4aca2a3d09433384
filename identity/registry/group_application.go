package registry

import (
	"context"

	"gatehouse/errors"
	"gatehouse/identity"
)

// AddApplication makes an application a member of a group of no product, which is
// how machines administer. Of its secrets only the newest one stays.
func (r *Registry) AddApplication(ctx context.Context, groupID, applicationID string) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		group, app, err := r.applicationMember(ctx, groupID, applicationID)
		if err != nil {
			return err
		}
		if err := r.place(ctx, &group, nil); err != nil {
			return err
		}
		if group.Product != "" {
			return errors.GroupOfProduct.On(map[string]string{"id": "belongs to the product " + group.Product})
		}
		if len(app.Secrets) > 1 {
			app.Secrets, app.Version, app.UpdatedAt = newest(app.Secrets), app.Version+1, r.now()
			if err := r.Store.UpdateApplication(ctx, app); err != nil {
				return err
			}
		}
		if err := r.Store.AddApplicationMember(ctx, groupID, applicationID, r.now()); err != nil {
			return err
		}
		return r.record(ctx, "group.add-application", subjectOfGroup(group), nil, applicationMemberFacts(app))
	})
}

// RemoveApplication ends the membership of an application.
func (r *Registry) RemoveApplication(ctx context.Context, groupID, applicationID string) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		group, app, err := r.applicationMember(ctx, groupID, applicationID)
		if err != nil {
			return err
		}
		if err := r.Store.RemoveApplicationMember(ctx, groupID, applicationID, r.now()); err != nil {
			return err
		}
		return r.record(ctx, "group.remove-application", subjectOfGroup(group), applicationMemberFacts(app), nil)
	})
}

// applicationMember reads a group and an application that is to join it or leave it.
func (r *Registry) applicationMember(ctx context.Context, groupID, applicationID string) (group identity.Group, app identity.Application, err error) {
	if group, err = r.groupToChange(ctx, groupID, nil); err != nil {
		return group, app, err
	}
	app, err = r.applicationToChange(ctx, applicationID, nil)
	return group, app, err
}

// hasNoApplications refuses to let a group be a product's while applications are
// members of it.
func (r *Registry) hasNoApplications(ctx context.Context, group identity.Group) error {
	if group.Product == "" {
		return nil
	}
	members, err := r.Store.Members(ctx, []string{group.ID}, 1000)
	if err != nil || len(members[group.ID].Applications) == 0 {
		return err
	}
	return errors.GroupOfProduct.On(map[string]string{"product": "applications are members of the group: " + few(members[group.ID].Applications)})
}

func applicationMemberFacts(app identity.Application) facts {
	return facts{"applicationId": app.ID, "clientId": app.ClientID, "name": app.Name}
}
