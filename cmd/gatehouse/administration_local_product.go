package main

import (
	"context"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

// localProducts are the products in a database.
type localProducts struct{ local }

func productForm(p identity.Product) versioned[wire.Product] {
	return versioned[wire.Product]{value: wire.FromProduct(p)}
}

// list returns all products, whatever the page.
func (l localProducts) list(ctx context.Context, _ identity.UserQuery) (listing[wire.Product], error) {
	products, err := l.store.Products(ctx)
	return whole(mapped(products, wire.FromProduct)), err
}

func (l localProducts) find(_ context.Context, name string) (string, error) { return productName(name) }

// productName is the name of the product that goes by it, if it can be one.
func productName(name string) (string, error) {
	if (identity.Product{Name: name}).Validate() != nil {
		return "", nobody("product", name)
	}
	return name, nil
}

func (l localProducts) read(ctx context.Context, name string) (versioned[wire.Product], error) {
	product, err := l.store.Product(ctx, name)
	return productForm(product), err
}

func (l localProducts) create(ctx context.Context, body map[string]any) (versioned[wire.Product], error) {
	return changed(l.local, productForm, func(r *registry.Registry) (product identity.Product, err error) {
		if body, err = received(body); err != nil {
			return product, err
		}
		if product, err = wire.ParseNewProduct(body); err != nil {
			return product, err
		}
		return r.CreateProduct(ctx, product)
	})
}

func (l localProducts) update(ctx context.Context, name string, body map[string]any, _ registry.Versions) (versioned[wire.Product], error) {
	return changed(l.local, productForm, func(r *registry.Registry) (product identity.Product, err error) {
		if body, err = received(body); err != nil {
			return product, err
		}
		description, err := wire.ParseDescription(body)
		if err != nil {
			return product, err
		}
		if description == nil {
			return l.store.Product(ctx, name)
		}
		return r.DescribeProduct(ctx, name, *description)
	})
}

func (l localProducts) remove(ctx context.Context, name string, _ registry.Versions) error {
	return l.change(func(r *registry.Registry) error { return r.DeleteProduct(ctx, name) })
}
