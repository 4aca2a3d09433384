package logout

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/errors"
)

const (
	postTimeout   = 5 * time.Second
	longestAnswer = 16 << 10 // bytes that are read, so that the connection can be used again
)

// errRefused is for an answer that does not say that the user was logged out.
type errRefused int

func (status errRefused) Error() string { return fmt.Sprintf("the answer has status %d", int(status)) }

// post sends a logout token to an address (Back-Channel Logout 1.0 §2.5). It
// returns an errRefused for any answer but 200 and 204 (§2.8).
func (s *Sender) post(ctx context.Context, address, token string) error {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	body := url.Values{"logout_token": {token}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return withoutAddress(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := s.Client.Do(request)
	if err != nil {
		return withoutAddress(err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, longestAnswer) // whatever it is
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNoContent {
		return errRefused(response.StatusCode)
	}
	return nil
}

// withoutAddress leaves the address out of an error, which is for the log: its
// query may hold a secret of the application.
func withoutAddress(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
