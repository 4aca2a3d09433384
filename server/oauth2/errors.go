package oauth2

import (
	"fmt"

	"github.com/ory/fosite"

	"gatehouse/errors"
)

// notFound is the one kind of error that fosite's password grant takes for wrong
// credentials; the code inside it is what the client sees.
func notFound(code error) error { return fmt.Errorf("%w: %w", fosite.ErrNotFound, code) }

// refusal is refusal of what fosite says about a grant. Of a code that is there
// and not as it should be, it says no more than invalid_grant.
func (g *grant) refusal(err error) error {
	var rfc *fosite.RFC6749Error
	if g.code != nil && errors.As(err, &rfc) && rfc.ErrorField == fosite.ErrInvalidGrant.ErrorField {
		return errors.InvalidAuthorizationCode.Because(errors.New(rfc.HintField))
	}
	return refusal(err)
}

// refusal turns what fosite returned into one of our codes. Its own words never
// leave: they mix hints with debug text. Our callbacks put a code into the chain
// wherever they know the cause, so fosite's error names decide only the rest.
func refusal(err error) error {
	var fault *errors.Fault
	var code errors.Code
	if errors.As(err, &fault) || errors.As(err, &code) {
		return errors.From(err)
	}
	var rfc *fosite.RFC6749Error
	if !errors.As(err, &rfc) {
		return err
	}
	switch rfc.ErrorField {
	case fosite.ErrInvalidScope.ErrorField:
		return errors.InvalidScope.Because(err)
	case fosite.ErrUnauthorizedClient.ErrorField, fosite.ErrInvalidGrant.ErrorField:
		// Left over of invalid_grant: a public client asking for client_credentials.
		return errors.GrantNotAllowed.Because(err)
	case fosite.ErrInvalidRequest.ErrorField:
		return errors.Malformed.Because(err)
	}
	return fmt.Errorf("fosite: %s: %w", rfc.ErrorField, rfc.Unwrap())
}
