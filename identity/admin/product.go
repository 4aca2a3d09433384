package admin

import (
	"net/http"

	"gatehouse/identity"
	"gatehouse/identity/wire"
)

// listProducts handles GET /v1/products. There is always the built-in one.
func (a *API) listProducts(c *call) error {
	products, err := a.Registry.Store.Products(c.ctx)
	if err != nil {
		return err
	}
	items := make([]wire.Product, len(products))
	for i, p := range products {
		items[i] = wire.FromProduct(p)
	}
	return c.JSON(http.StatusOK, items)
}

// createProduct handles POST /v1/products.
func (a *API) createProduct(c *call) error {
	in, err := body(c, wire.ParseNewProduct)
	if err != nil {
		return err
	}
	product, err := a.Registry.CreateProduct(c.ctx, in)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", "/v1/products/"+product.Name)
	return c.JSON(http.StatusCreated, wire.FromProduct(product))
}

// readProduct handles GET /v1/products/{name}.
func (a *API) readProduct(c *call) error {
	name, err := c.slug("name")
	if err != nil {
		return err
	}
	product, err := a.Registry.Store.Product(c.ctx, name)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, wire.FromProduct(product))
}

// updateProduct handles PATCH /v1/products/{name}.
func (a *API) updateProduct(c *call) error {
	name, err := c.slug("name")
	if err != nil {
		return err
	}
	description, err := body(c, wire.ParseDescription)
	if err != nil {
		return err
	}
	product, err := a.describe(c, name, description)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, wire.FromProduct(product))
}

// describe gives a product a description, or shows it if there is none to give.
func (a *API) describe(c *call, name string, description *string) (identity.Product, error) {
	if description == nil {
		return a.Registry.Store.Product(c.ctx, name)
	}
	return a.Registry.DescribeProduct(c.ctx, name, *description)
}

// deleteProduct handles DELETE /v1/products/{name}.
func (a *API) deleteProduct(c *call) error {
	name, err := c.slug("name")
	if err != nil {
		return err
	}
	if err := a.Registry.DeleteProduct(c.ctx, name); err != nil {
		return err
	}
	return c.done()
}
