package bootstrap

import (
	"context"
	"maps"
	"slices"

	"gatehouse/errors"
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
	if !there {
		p.claims(declared)
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

// claims notes whether a new product's name means something already.
func (p *plan) claims(declared product) {
	if declared.name == identity.AdminRole {
		p.wrong = append(p.wrong, declared.wrong("name", "is the name of the administrators' role: choose another one"))
	}
	ids, _ := identity.ProductNames(declared.name)
	for _, id := range ids {
		if group, there := p.now.groups[id]; there && group.Product != declared.name {
			p.wrong = append(p.wrong, declared.wrong("name", "would claim the group "+id+", which does not belong to it: choose another name, or delete the group first"))
		}
	}
}

// registered says whether a product will be.
func (p *plan) registered(name string) bool {
	_, there := p.now.products[name]
	return there || slices.ContainsFunc(p.file.products, func(declared product) bool { return declared.name == name })
}

// place says which product a group will belong to: where the file says nothing of
// it, that of now.
func (p *plan) place(declared group, group *identity.Group, now identity.Group) {
	group.Product = now.Product
	set(&group.Product, declared.change.Product)
	said := group.Product
	group.Product = identity.ProductOf(*group, p.registered)
	switch {
	case declared.change.Product == nil:
	case said != group.Product && group.Product != "":
		p.wrong = append(p.wrong, declared.wrong("product", "must be "+group.Product+", which the id names"))
	case said != group.Product:
		p.wrong = append(p.wrong, declared.wrong("product", "must be left out: the group belongs to no product"))
	case said != "" && !p.registered(said):
		m := declared.wrong("product", "is no product, neither in the file nor in the database")
		m.Written, m.Names = said, p.productNames()
		p.wrong = append(p.wrong, m)
	}
}

// productOf is the product that a group will belong to, which stays as long as it does.
func (p *plan) productOf(id string) string {
	group := p.now.groups[id]
	group.ID = id
	for _, declared := range p.file.groups {
		if declared.id == id {
			set(&group.Product, declared.change.Product)
		}
	}
	return identity.ProductOf(group, p.registered)
}

func (p *plan) productNames() []string {
	names := slices.Collect(maps.Keys(p.now.products))
	for _, declared := range p.file.products {
		names = append(names, declared.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
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
	p.place(declared, &group, now)
	if !there {
		p.notARole(declared.place, "id", group.ValidateNew())
	}
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
		change := registry.GroupChange{Name: &group.Name, Product: &group.Product, Metadata: &group.Metadata}
		if !now.BuiltIn {
			change.Permissions = &group.Permissions
		}
		_, err := p.Registry.UpdateGroup(ctx, group.ID, change, registry.Versions{now.Version})
		return err
	}
	p.add(c)
	return nil
}

// notARole notes what is wrong with a name of somebody or something new.
func (p *plan) notARole(at place, field string, err error) {
	if err == nil {
		return
	}
	if problem := errors.From(err).Fields[field]; problem != "" {
		p.wrong = append(p.wrong, at.wrong(field, problem))
	}
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
