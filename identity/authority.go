package identity

import (
	"slices"
	"strings"
)

// Authority says on what the tokens of a session rest. It is settled when the
// session begins, by how it began, and kept with the session: no later change of
// its application gives more. docs/adr/0016-who-speaks-for-whom.md has the rules.
type Authority string

// The kinds of authority. The empty one is that of sessions and tokens that an
// earlier release began, and counts as AuthorityConsent.
const (
	// AuthorityOwn is the user's own: they typed their password into an application
	// that may ask for it, or signed in at one that is trusted or built in.
	AuthorityOwn Authority = "own"
	// AuthorityConsent is what the user consented to, and nothing else.
	AuthorityConsent Authority = "consent"
)

// SignInAuthority is the authority of the sessions that begin when users sign in
// at the application in their browsers.
func (a Application) SignInAuthority() Authority {
	if a.Trusted || a.BuiltIn {
		return AuthorityOwn
	}
	return AuthorityConsent
}

// AuthorityNow is what is left of the authority that a session began with: an
// application that no longer speaks for users has what its scopes say.
func (a Application) AuthorityNow(began Authority) Authority {
	if began == AuthorityOwn && a.SpeaksForUsers() {
		return AuthorityOwn
	}
	return AuthorityConsent
}

// productPrefix begins the scopes and audiences that name a product.
const productPrefix = "product:"

// ProductScope is the scope, and the audience, by which users let an application
// exercise their permissions at a product.
func ProductScope(product string) string { return productPrefix + product }

// ScopedProduct returns the product that a scope or an audience names; false: it
// names none.
func ScopedProduct(scope string) (product string, ok bool) {
	product, ok = strings.CutPrefix(scope, productPrefix)
	return product, ok && isSlug(product)
}

// ScopedProducts are the products that some scopes and audiences name.
func ScopedProducts(scopes, audience []string) []string {
	var products []string
	for _, list := range [2][]string{scopes, audience} {
		for _, one := range list {
			if product, ok := ScopedProduct(one); ok && !slices.Contains(products, product) {
				products = append(products, product)
			}
		}
	}
	return products
}

// isUnclear says whether a scope or an audience begins like the name of a product
// and names none.
func isUnclear(scope string) bool {
	_, ok := ScopedProduct(scope)
	return !ok && strings.HasPrefix(scope, productPrefix)
}
