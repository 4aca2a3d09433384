package registry

import (
	"context"

	"gatehouse/errors"
	"gatehouse/identity"
)

func subjectOfProduct(p identity.Product) Subject { return Subject{"product", p.Name, p.Name} }

func productFacts(p identity.Product) facts {
	return facts{"name": p.Name, "description": p.Description}
}

// CreateProduct registers a product: its Name and Description count. The name must
// not claim what exists already, or it is errors.ProductNameClaims.
func (r *Registry) CreateProduct(ctx context.Context, product identity.Product) (identity.Product, error) {
	product.BuiltIn = false
	if err := product.Validate(); err != nil {
		return product, err
	}
	product.CreatedAt = r.now()
	return product, r.InTx(ctx, func(ctx context.Context) error {
		products, err := r.Store.ProductsToChange(ctx)
		if err != nil {
			return err
		}
		if !among(products)(product.Name) { // else its groups are its own, and the store refuses
			if err := r.claimsNothing(ctx, product.Name); err != nil {
				return err
			}
		}
		if err := r.Store.CreateProduct(ctx, product); err != nil {
			return err
		}
		return r.record(ctx, "product.create", subjectOfProduct(product), nil, productFacts(product))
	})
}

// DescribeProduct changes a product's description.
func (r *Registry) DescribeProduct(ctx context.Context, name, description string) (product identity.Product, err error) {
	err = r.InTx(ctx, func(ctx context.Context) error {
		before, err := r.Store.Product(ctx, name)
		if err != nil {
			return err
		}
		product = before
		product.Description = description
		if err := product.Validate(); err != nil {
			return err
		}
		if err := r.Store.UpdateProduct(ctx, product); err != nil {
			return err
		}
		return r.record(ctx, "product.update", subjectOfProduct(product), productFacts(before), productFacts(product))
	})
	return product, err
}

// DeleteProduct removes a product that no application and no group belongs to, and
// that no application names among its scopes and audiences.
func (r *Registry) DeleteProduct(ctx context.Context, name string) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		products, err := r.Store.ProductsToChange(ctx)
		if err != nil {
			return err
		}
		product, err := r.Store.Product(ctx, name)
		if err != nil {
			return err
		}
		if product.BuiltIn {
			return errors.Protected.On(map[string]string{"name": "is a built-in product"})
		}
		if err := r.hasNoGroups(ctx, name, products); err != nil {
			return err
		}
		if err := r.isNotNamed(ctx, name); err != nil {
			return err
		}
		if err := r.Store.DeleteProduct(ctx, name, r.Now()); err != nil {
			return err
		}
		return r.record(ctx, "product.delete", subjectOfProduct(product), productFacts(product), nil)
	})
}
