package storagetest

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func testProducts(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"what is created is read back":       testProduct,
		"an unknown product is not found":    testProductUnknown,
		"names are unique":                   testProductConflict,
		"a description is replaced":          testUpdateProduct,
		"one with applications stays":        testDeleteProduct,
		"an application and its end collide": testDeleteProductRace,
		"the first-party product is there":   testFirstPartyProduct,
		"its beginning and end are told":     testProductAnnounced,
		"those in use stay":                  testProductsHeld,
	})
}

func newProduct() identity.Product {
	return identity.Product{Name: newID(), Description: "Ledger", BuiltIn: true, CreatedAt: kept(now)}
}

func testProduct(t *testing.T, s Store) {
	product := newProduct()
	noError(t, s.CreateProduct(t.Context(), product))
	got, err := s.Product(t.Context(), product.Name)
	noError(t, err)
	same(t, "Product()", got, product)
	list, err := s.Products(t.Context())
	noError(t, err)
	if !slices.Contains(list, product) || !slices.IsSortedFunc(list, func(a, b identity.Product) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("Products() = %v, want them by name with %v", list, product)
	}
}

func testProductUnknown(t *testing.T, s Store) {
	names := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		names[name] = text
	}
	for what, name := range names {
		for method, err := range map[string]error{
			"Product":       second(s.Product(t.Context(), name)),
			"UpdateProduct": s.UpdateProduct(t.Context(), identity.Product{Name: name}),
			"DeleteProduct": s.DeleteProduct(t.Context(), name, now),
		} {
			if !errors.Is(err, errors.ProductNotFound) {
				t.Errorf("%s(%s) = %v, want ProductNotFound", method, what, err)
			}
		}
	}
}

func testProductConflict(t *testing.T, s Store) {
	product := newProduct()
	noError(t, s.CreateProduct(t.Context(), product))
	wantConflict(t, s.CreateProduct(t.Context(), product), "name")
}

func testUpdateProduct(t *testing.T, s Store) {
	product := newProduct()
	noError(t, s.CreateProduct(t.Context(), product))
	product.Description = "Books"
	noError(t, s.UpdateProduct(t.Context(), identity.Product{Name: product.Name, Description: "Books"}))
	got, err := s.Product(t.Context(), product.Name)
	noError(t, err)
	same(t, "Product()", got, product)
}

func testDeleteProduct(t *testing.T, s Store) {
	product, app := newProduct(), newApplication()
	noError(t, s.CreateProduct(t.Context(), product))
	app.Name = product.Name
	noError(t, s.CreateApplication(t.Context(), app))
	err := s.DeleteProduct(t.Context(), product.Name, now)
	if !errors.Is(err, errors.Protected) || errors.From(err).Fields["name"] == "" {
		t.Errorf("DeleteProduct() with an application = %v, want Protected naming it", err)
	}
	noError(t, s.DeleteApplication(t.Context(), app.ID, now))
	noError(t, s.DeleteProduct(t.Context(), product.Name, now))
	if _, err := s.Product(t.Context(), product.Name); !errors.Is(err, errors.ProductNotFound) {
		t.Errorf("Product() = %v, want ProductNotFound", err)
	}
	if err := s.CreateApplication(t.Context(), app); !errors.Is(err, errors.InvalidApplicationName) {
		t.Errorf("CreateApplication() of a product that is gone = %v, want InvalidApplicationName", err)
	}
}

// Either the product goes first or the applications keep it.
func testDeleteProductRace(t *testing.T, s Store) {
	product := newProduct()
	noError(t, s.CreateProduct(t.Context(), product))
	apps := race(t, func(i int) (bool, error) {
		if i == 0 {
			if err := s.DeleteProduct(t.Context(), product.Name, now); err != nil && !errors.Is(err, errors.Protected) {
				return false, err
			}
			return false, nil
		}
		app := newApplication()
		app.Name = product.Name
		err := s.CreateApplication(t.Context(), app)
		if errors.Is(err, errors.InvalidApplicationName) {
			return false, nil
		}
		return err == nil, err
	})
	_, err := s.Product(t.Context(), product.Name)
	if gone := errors.Is(err, errors.ProductNotFound); gone != (apps == 0) {
		t.Errorf("%d applications, Product() = %v", apps, err)
	}
}

func testProductAnnounced(t *testing.T, s Store) {
	product, app := newProduct(), newApplication()
	noError(t, s.CreateProduct(t.Context(), product))
	wantAnnounced(t, s, storage.ProductsChanged, product.Name, 1)
	wantConflict(t, s.CreateProduct(t.Context(), product), "name")
	noError(t, s.UpdateProduct(t.Context(), product))
	app.Name = product.Name
	noError(t, s.CreateApplication(t.Context(), app))
	if err := s.DeleteProduct(t.Context(), product.Name, now); !errors.Is(err, errors.Protected) {
		t.Errorf("DeleteProduct() with an application = %v, want Protected", err)
	}
	wantAnnounced(t, s, storage.ProductsChanged, product.Name, 1)
	noError(t, s.DeleteApplication(t.Context(), app.ID, now))
	noError(t, s.DeleteProduct(t.Context(), product.Name, now))
	wantAnnounced(t, s, storage.ProductsChanged, product.Name, 2)
}

func testFirstPartyProduct(t *testing.T, s Store) {
	got, err := s.Product(t.Context(), identity.FirstPartyProduct)
	if err != nil || !got.BuiltIn || got.CreatedAt.IsZero() {
		t.Errorf("Product() = %+v, %v, want it built in", got, err)
	}
}
