package bootstrap

import (
	"context"
	"maps"
	"slices"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

func (p *plan) planProducts() error {
	for _, declared := range p.file.products {
		if err := p.planProduct(declared); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) planProduct(declared product) error {
	c := Change{Action: Create, Kind: KindProduct, Name: declared.name, place: declared.place}
	product := identity.Product{Name: declared.name, Description: value(declared.description)}
	now, there := p.now.products[declared.name]
	var before any
	if there {
		if now.BuiltIn && declared.description == nil {
			product.Description = now.Description
		}
		c.Action, before = Update, wire.FromProduct(now)
	}
	var err error
	c.Fields, err = diff("name", before, wire.FromProduct(product))
	if err != nil || there && c.Fields == nil {
		return err
	}
	c.run = func(ctx context.Context) error {
		if there {
			_, err := p.Registry.DescribeProduct(ctx, product.Name, product.Description)
			return err
		}
		_, err := p.Registry.CreateProduct(ctx, product)
		return err
	}
	p.add(c)
	return nil
}

func (p *plan) planGroups() error {
	for _, declared := range p.file.groups {
		if err := p.planGroup(declared); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) planGroup(declared group) error {
	c := Change{Action: Create, Kind: KindGroup, Name: declared.id, place: declared.place}
	group := identity.Group{
		ID: declared.id, Name: *declared.change.Name,
		Permissions: value(declared.change.Permissions), Metadata: value(declared.change.Metadata),
	}
	now, there := p.now.groups[declared.id]
	var before any
	if there {
		now.Permissions = sorted(now.Permissions)
		keepOfBuiltIn(&group, now, declared.change)
		c.Action, before = Update, wire.FromGroup(now, identity.Members{})
	}
	var err error
	c.Fields, err = diff("id", before, wire.FromGroup(group, identity.Members{}))
	if err != nil || there && c.Fields == nil {
		return err
	}
	if now.BuiltIn && !maps.EqualFunc(group.Permissions, now.Permissions, slices.Equal) {
		p.wrong = append(p.wrong, declared.wrong("permissions", "belong to a built-in group and stay as they are: leave them out"))
	}
	p.effect.group(now, group, there)
	c.run = func(ctx context.Context) error {
		if !there {
			_, err := p.Registry.CreateGroup(ctx, group)
			return err
		}
		change := registry.GroupChange{Name: &group.Name, Metadata: &group.Metadata}
		if !now.BuiltIn {
			change.Permissions = &group.Permissions
		}
		_, err := p.Registry.UpdateGroup(ctx, group.ID, change, registry.Versions{now.Version})
		return err
	}
	p.add(c)
	return nil
}

// keepOfBuiltIn leaves a built-in group what the file does not say of it.
func keepOfBuiltIn(group *identity.Group, now identity.Group, declared registry.GroupChange) {
	if !now.BuiltIn {
		return
	}
	if declared.Permissions == nil {
		group.Permissions = now.Permissions
	}
	if declared.Metadata == nil {
		group.Metadata = now.Metadata
	}
}

// sorted returns the permissions with the actions of each resource in order.
func sorted(permissions map[string][]string) map[string][]string {
	ordered := make(map[string][]string, len(permissions))
	for resource, actions := range permissions {
		ordered[resource] = slices.Sorted(slices.Values(actions))
	}
	return ordered
}
