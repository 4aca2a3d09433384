package registry

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gatehouse/errors"
	"gatehouse/identity"
)

// place writes down which product a group belongs to, by identity.ProductOf. What
// is said of it (nil: nothing) must be a registered product, and agree with the
// group's id where that is the exact name of a product's group.
func (r *Registry) place(ctx context.Context, group *identity.Group, said *string) error {
	registered, err := r.registered(ctx)
	if err != nil {
		return err
	}
	set(&group.Product, said)
	product := identity.ProductOf(*group, registered)
	if said != nil && *said != product {
		must := "must be " + strconv.Quote(product) + ": the id names the group's product"
		if product == "" {
			must = "must be empty: the group belongs to no product"
		}
		return errors.IdentityMalformed.On(map[string]string{"product": must})
	}
	if said != nil && product != "" && !registered(product) {
		return errors.IdentityMalformed.On(map[string]string{"product": "is not a registered product"})
	}
	group.Product = product
	return nil
}

// registered says which products are, until the transaction ends.
func (r *Registry) registered(ctx context.Context) (func(product string) bool, error) {
	products, err := r.Store.ProductsToUse(ctx)
	if err != nil {
		return nil, err
	}
	return among(products), nil
}

func among(products []identity.Product) func(name string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(products, func(p identity.Product) bool { return p.Name == name })
	}
}

// claimsNothing refuses a product's name that means something already: registering
// it would change what a group permits, or whom a role names.
func (r *Registry) claimsNothing(ctx context.Context, name string) error {
	if name == identity.AdminRole {
		return errors.ProductNameClaims.On(map[string]string{"name": "is the name of the administrators' role"})
	}
	groupIDs, roles := identity.ProductNames(name)
	groups, err := r.Store.GroupsNamed(ctx, groupIDs)
	if err != nil {
		return err
	}
	var clashes []string
	for _, g := range groups {
		switch g.Product {
		case name:
		case "":
			clashes = append(clashes, fmt.Sprintf("the group %s, which belongs to no product", g.ID))
		default:
			clashes = append(clashes, fmt.Sprintf("the group %s, which belongs to the product %s", g.ID, g.Product))
		}
	}
	users, err := r.Store.UsersNamed(ctx, roles, nil)
	if err != nil {
		return err
	}
	for _, u := range users {
		clashes = append(clashes, "the username "+u.Username)
	}
	if clashes == nil {
		return nil
	}
	slices.Sort(clashes)
	return errors.ProductNameClaims.On(map[string]string{"name": "would claim " + strings.Join(clashes, ", and ")})
}

// hasNoGroups refuses to delete a product that groups belong to: afterwards they
// would be of none, and administer.
func (r *Registry) hasNoGroups(ctx context.Context, name string, products []identity.Product) error {
	groups, err := r.Store.AllGroups(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, g := range groups {
		if identity.ProductOf(g, among(products)) == name {
			ids = append(ids, g.ID)
		}
	}
	if ids == nil {
		return nil
	}
	return errors.Protected.On(map[string]string{"name": "groups belong to it: " + few(ids)})
}

// isNotNamed refuses to delete a product that applications may ask their users to act
// at: consents and tokens would be good for another product of that name.
func (r *Registry) isNotNamed(ctx context.Context, name string) error {
	applications, _, err := r.Store.Applications(ctx, identity.Page{Number: 1, Limit: math.MaxInt32})
	if err != nil {
		return err
	}
	var clientIDs []string
	for _, app := range applications {
		if slices.Contains(identity.ScopedProducts(app.Scopes, app.Audiences), name) {
			clientIDs = append(clientIDs, app.ClientID)
		}
	}
	if clientIDs == nil {
		return nil
	}
	return errors.Protected.On(map[string]string{"name": "scopes or audiences of applications name it: " + few(clientIDs)})
}

// few are the first of a list, and how many more there are.
func few(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
