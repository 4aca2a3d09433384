package identity

import "time"

// FirstPartyProduct is the built-in product, which the built-in first-party
// application belongs to.
const FirstPartyProduct = "gatehouse"

// Product is what applications belong to and groups give permissions for: a
// service, or a family of them.
type Product struct {
	Name        string // slug; an Application's Name
	Description string
	BuiltIn     bool // it cannot be deleted
	CreatedAt   time.Time
}
