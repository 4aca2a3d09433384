package identity

import "gatehouse/errors"

// UsableHash says whether Passwords can verify passwords against a hash that was
// made elsewhere, within the bounds of what a sign-in may cost: nil, or
// errors.UnusablePasswordHash with the reason at "passwordHash".
func UsableHash(hash string) error {
	if _, err := parseHash(hash); err != nil {
		return errors.UnusablePasswordHash.On(map[string]string{"passwordHash": err.Error()})
	}
	return nil
}
