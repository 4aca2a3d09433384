package wire

import (
	"time"

	"gatehouse/identity"
)

// Product is a product in an answer.
type Product struct {
	Name        string    `json:"name"`
	Description string    `json:"description"`
	BuiltIn     bool      `json:"builtIn"`
	CreatedAt   time.Time `json:"createdAt"`
}

// FromProduct returns the product as answers show it.
func FromProduct(p identity.Product) Product {
	return Product{Name: p.Name, Description: p.Description, BuiltIn: p.BuiltIn, CreatedAt: p.CreatedAt.UTC()}
}

// ParseNewProduct reads the body of POST /v1/products.
func ParseNewProduct(object map[string]any) (identity.Product, error) {
	r := read(object)
	product := identity.Product{Name: r.needText("name"), Description: value(r.text("description"))}
	return product, r.err()
}

// ParseDescription reads the body of PATCH /v1/products/{name}; nil: nothing is to change.
func ParseDescription(object map[string]any) (*string, error) {
	r := read(object)
	description := r.text("description")
	r.never(true, "name", "createdAt", "builtIn")
	return description, r.err()
}
