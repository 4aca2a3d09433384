package web

import "gatehouse/errors"

// Codes are what a family of endpoints answers to a body it cannot take.
type Codes struct {
	Malformed  errors.Code // no JSON, no form, or an ambiguous one
	WrongType  errors.Code // JSON, but a value of another type than the field's
	Unexpected errors.Code // a field that the endpoint does not know
	Missing    errors.Code // a required field is absent or empty
}

// AuthCodes returns the codes of the Auth endpoints.
func AuthCodes() Codes {
	return Codes{
		Malformed:  errors.Malformed,
		WrongType:  errors.Malformed,
		Unexpected: errors.UnexpectedFields,
		Missing:    errors.MissingFields,
	}
}

// IdentityCodes returns the codes of the Identity endpoints.
func IdentityCodes() Codes {
	return Codes{
		Malformed:  errors.IdentityMalformed,
		WrongType:  errors.IdentityWrongType,
		Unexpected: errors.IdentityUnexpectedFields,
		Missing:    errors.IdentityMissingFields,
	}
}
