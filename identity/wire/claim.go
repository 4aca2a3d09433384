package wire

import "gatehouse/identity"

// Claim is a claim of an application's own.
type Claim struct {
	Claim    string `json:"claim"`
	Metadata string `json:"metadata"`
	Scope    string `json:"scope"` // empty: it needs none
}

// fromClaims is never null in JSON.
func fromClaims(claims []identity.Claim) []Claim {
	out := make([]Claim, len(claims))
	for i, c := range claims {
		out[i] = Claim{c.Name, c.Metadata, c.Scope}
	}
	return out
}

// claims reads a list of objects, each with a claim, a key of metadata and, if it
// needs one, a scope.
func (r *reader) claims(name string) *[]identity.Claim {
	list := take[[]any](r, name, "a list of objects")
	if list == nil {
		return nil
	}
	claims := make([]identity.Claim, len(*list))
	for i, member := range *list {
		object, ok := member.(map[string]any)
		if !ok {
			note(&r.wrong, name, "must be a list of objects")
			return nil
		}
		entry := read(object)
		claims[i] = identity.Claim{
			Name: value(entry.text("claim")), Metadata: value(entry.text("metadata")), Scope: value(entry.text("scope")),
		}
		if entry.err() != nil {
			note(&r.wrong, name, "must be objects with the texts claim, metadata and scope, and nothing else")
			return nil
		}
	}
	return &claims
}
