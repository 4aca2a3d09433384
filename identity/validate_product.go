package identity

// Validate says whether the product can be stored: nil,
// errors.IdentityMissingFields when it has no name, or errors.IdentityMalformed
// naming the fields that are not as they should be.
func (p Product) Validate() error {
	var f faults
	f.need("name", p.Name != "")
	f.want("name", isSlug(p.Name), "must have at most 100 characters: words of a-z and 0-9 with '-' between them")
	f.want("description", isText(p.Description, 1000), "must have at most 1000 characters and no control characters")
	return f.err()
}
