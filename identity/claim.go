package identity

// Claim is a claim that an application gets from what is kept with its users.
type Claim struct {
	Name     string // in id tokens and at the userinfo endpoint
	Metadata string // key of the user's metadata that holds the value; without it there is no claim
	Scope    string // that has to be granted for it; empty: none
}
