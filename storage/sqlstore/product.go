package sqlstore

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// productRow is an identity.Product.
type productRow struct {
	Name        string
	Description string
	BuiltIn     bool
	CreatedAt   stamp
}

// TableName is GORM's question.
func (productRow) TableName() string { return "products" }

func (r *productRow) product() identity.Product {
	return identity.Product{Name: r.Name, Description: r.Description, BuiltIn: r.BuiltIn, CreatedAt: time.Time(r.CreatedAt)}
}

// CreateProduct implements identity.Products.
func (s *Store) CreateProduct(ctx context.Context, product identity.Product) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		err := s.db(ctx).Create(&productRow{
			Name:        product.Name,
			Description: legible(product.Description),
			BuiltIn:     product.BuiltIn,
			CreatedAt:   stamp(product.CreatedAt),
		}).Error
		if err != nil {
			return conflict(err, map[string]string{"products_pkey": "name", "products.name": "name"})
		}
		return s.announceProduct(ctx, product.Name, product.CreatedAt)
	})
	if err != nil {
		return fmt.Errorf("create product: %w", err)
	}
	return nil
}

// Product implements identity.Products.
func (s *Store) Product(ctx context.Context, name string) (identity.Product, error) {
	if !storable(name) {
		return identity.Product{}, errors.ProductNotFound
	}
	var row productRow
	err := s.db(ctx).Where("name = ?", name).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return identity.Product{}, errors.ProductNotFound
	}
	if err != nil {
		return identity.Product{}, fmt.Errorf("read product: %w", err)
	}
	return row.product(), nil
}

// Products implements identity.Products.
func (s *Store) Products(ctx context.Context) ([]identity.Product, error) {
	var rows []productRow
	if err := s.db(ctx).Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	products := make([]identity.Product, len(rows))
	for i := range rows {
		products[i] = rows[i].product()
	}
	return products, nil
}

// ProductsToUse implements identity.Products.
func (s *Store) ProductsToUse(ctx context.Context) ([]identity.Product, error) {
	return s.productsHeld(ctx, s.dialect.useProducts)
}

// ProductsToChange implements identity.Products.
func (s *Store) ProductsToChange(ctx context.Context) ([]identity.Product, error) {
	return s.productsHeld(ctx, s.dialect.lockProducts)
}

// productsHeld reads the products once they are locked. Where there is one writer,
// the transaction itself is the lock.
func (s *Store) productsHeld(ctx context.Context, lock string) ([]identity.Product, error) {
	if s.tx(ctx) == nil {
		return nil, errors.New("products that are to stay as they are are read outside of a transaction")
	}
	if lock != "" {
		if _, err := s.exec(ctx, lock); err != nil {
			return nil, fmt.Errorf("lock products: %w", err)
		}
	}
	return s.Products(ctx)
}

// UpdateProduct implements identity.Products.
func (s *Store) UpdateProduct(ctx context.Context, product identity.Product) error {
	if !storable(product.Name) {
		return errors.ProductNotFound
	}
	n, err := s.exec(ctx, `UPDATE products SET description = $2 WHERE name = $1`, product.Name, legible(product.Description))
	if err != nil {
		return fmt.Errorf("change product: %w", err)
	}
	if n == 0 {
		return errors.ProductNotFound
	}
	return nil
}

// DeleteProduct implements identity.Products.
func (s *Store) DeleteProduct(ctx context.Context, name string, at time.Time) error {
	if !storable(name) {
		return errors.ProductNotFound
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, `DELETE FROM products WHERE name = $1`, name)
		if errors.Is(err, errForeignKey) {
			return errors.Protected.On(map[string]string{"name": "applications belong to it"}).Because(err)
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return errors.ProductNotFound
		}
		return s.announceProduct(ctx, name, at)
	})
	if err != nil {
		return fmt.Errorf("delete product: %w", err)
	}
	return nil
}

// announceProduct tells all nodes that other products may be registered.
func (s *Store) announceProduct(ctx context.Context, name string, at time.Time) error {
	return s.Announce(ctx, storage.Change{Kind: storage.ProductsChanged, Key: name, Until: at.Add(storage.ChangeRetention)})
}
