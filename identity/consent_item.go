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
	claimItem    = string(ConsentClaim) + " "
	audienceItem = string(ConsentAudience) + " "
)

// ConsentItem is how a consent keeps that the mapping was released.
func (c Claim) ConsentItem() string { return claimItem + c.Name + " " + c.Metadata }

// AudienceItem is how a consent keeps that tokens may be for an audience; one that
// names a product is as good as the scope that does.
func AudienceItem(audience string) string {
	if _, ok := ScopedProduct(audience); ok {
		return audience
	}
	return audienceItem + audience
}

// ReadConsentItem returns what a consent keeps: the name of the scope, product,
// claim or audience.
func ReadConsentItem(item string) (kind ConsentKind, name string) {
	if product, ok := ScopedProduct(item); ok {
		return ConsentProduct, product
	}
	if audience, ok := strings.CutPrefix(item, audienceItem); ok {
		return ConsentAudience, audience
	}
	if mapping, ok := strings.CutPrefix(item, claimItem); ok {
		name, _, _ = strings.Cut(mapping, " ")
		return ConsentClaim, name
	}
	return ConsentScope, item
}
