package bootstrap

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

// planDeletes plans to delete what the file does not name, if it is to be.
func (p *plan) planDeletes() error {
	if !p.Prune {
		return nil
	}
	products, groups, applications := p.named()
	for _, app := range inOrder(p.now.applications) {
		if applications[app.ClientID] || app.BuiltIn {
			continue
		}
		p.effect.application(&app, nil)
		err := p.planDelete(KindApplication, "clientId", app.ClientID, wire.FromApplication(app, ""), func(ctx context.Context) error {
			return p.Registry.DeleteApplication(ctx, app.ID, registry.Versions{app.Version})
		})
		if err != nil {
			return err
		}
	}
	for _, group := range inOrder(p.now.groups) {
		if groups[group.ID] || group.BuiltIn {
			continue
		}
		p.effect.Deleted = append(p.effect.Deleted, group.ID)
		err := p.planDelete(KindGroup, "id", group.ID, wire.FromGroup(group, identity.Members{}), func(ctx context.Context) error {
			return p.Registry.DeleteGroup(ctx, group.ID, registry.Versions{group.Version})
		})
		if err != nil {
			return err
		}
	}
	for _, product := range inOrder(p.now.products) {
		if products[product.Name] || product.BuiltIn {
			continue
		}
		err := p.planDelete(KindProduct, "name", product.Name, wire.FromProduct(product), func(ctx context.Context) error {
			return p.Registry.DeleteProduct(ctx, product.Name)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) planDelete(kind, key, name string, view any, run func(ctx context.Context) error) error {
	fields, err := diff(key, view, nil)
	if err == nil {
		p.add(Change{Action: Delete, Kind: kind, Name: name, Fields: fields, run: run})
	}
	return err
}

// named is what the file declares, or refers to.
func (p *plan) named() (products, groups, applications map[string]bool) {
	products, groups, applications = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, declared := range p.file.products {
		products[declared.name] = true
	}
	for _, declared := range p.file.groups {
		groups[declared.id] = true
	}
	for _, declared := range p.file.applications {
		applications[declared.clientID], products[declared.name] = true, true
		app := declared.fresh()
		for _, name := range identity.ScopedProducts(app.Scopes, app.Audiences) {
			products[name] = true
		}
		for _, id := range value(declared.groups) {
			groups[id] = true
		}
	}
	for _, declared := range p.file.users {
		for _, id := range value(declared.change.Groups) {
			groups[id] = true
		}
	}
	for id := range groups {
		products[p.productOf(id)] = true
	}
	return products, groups, applications
}

// inOrder are the values of a map by their keys.
func inOrder[T any](all map[string]T) []T {
	keys := slices.SortedFunc(maps.Keys(all), cmp.Compare)
	values := make([]T, len(keys))
	for i, key := range keys {
		values[i] = all[key]
	}
	return values
}
