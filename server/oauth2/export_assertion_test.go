package oauth2

// Assertion is what of an assertion its tests look at.
type Assertion struct {
	ClientID, ID, Algorithm, Input string
	Audience                       []string
	Signature                      []byte
}

// ReadAssertion is readAssertion.
func ReadAssertion(text string) (Assertion, error) {
	a, err := readAssertion(text)
	if err != nil {
		return Assertion{}, err
	}
	return Assertion{a.clientID, a.id, a.signature.Algorithm, a.signature.Input, a.audience, a.signature.Bytes}, nil
}
