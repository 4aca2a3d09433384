package identity

import "strings"

// ConsentKind says what a user is asked about.
type ConsentKind string

// The kinds of what a consent holds.
const (
	ConsentScope    ConsentKind = ""         // RFC 6749 §3.3
	ConsentProduct  ConsentKind = "product"  // the user's permissions there may be exercised
	ConsentClaim    ConsentKind = "claim"    // of a mapping from the user's metadata
	ConsentAudience ConsentKind = "audience" // tokens are for it (RFC 8707)
)

// What is no scope begins with its kind and a space, which no scope holds.
const (
	productItem  = string(ConsentProduct) + " "
	claimItem    = string(ConsentClaim) + " "
	audienceItem = string(ConsentAudience) + " "
)

// ScopeItem is how a consent keeps a scope. One that names a product is kept apart
// from what earlier releases kept, when it was a text like any other.
func ScopeItem(scope string) string {
	if product, ok := ScopedProduct(scope); ok {
		return productItem + product
	}
	return scope
}

// ConsentItem is how a consent keeps that the mapping was released.
func (c Claim) ConsentItem() string { return claimItem + c.Name + " " + c.Metadata }

// AudienceItem is how a consent keeps that tokens may be for an audience; one that
// names a product is as good as the scope that does.
func AudienceItem(audience string) string {
	if _, ok := ScopedProduct(audience); ok {
		return ScopeItem(audience)
	}
	return audienceItem + audience
}

// ReadConsentItem returns what a consent keeps: the name of the scope, product,
// claim or audience, and for a claim the key of the metadata that it is made from.
func ReadConsentItem(item string) (kind ConsentKind, name, key string) {
	if product, ok := strings.CutPrefix(item, productItem); ok {
		return ConsentProduct, product, ""
	}
	if audience, ok := strings.CutPrefix(item, audienceItem); ok {
		return ConsentAudience, audience, ""
	}
	if mapping, ok := strings.CutPrefix(item, claimItem); ok {
		name, key, _ = strings.Cut(mapping, " ")
		return ConsentClaim, name, key
	}
	return ConsentScope, item, ""
}
