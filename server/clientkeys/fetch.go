package clientkeys

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

const (
	fetchTimeout = 5 * time.Second
	longestSet   = 64 << 10 // bytes
)

var errTooLong = fmt.Errorf("more than %d bytes", longestSet)

// fetcher returns what fetches the keys of an application.
func (k *Keys) fetcher(app *identity.Application) func() (set, time.Duration, error) {
	address, clientID := app.JWKSURI, app.ClientID
	return func() (set, time.Duration, error) {
		ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
		defer cancel()
		keys, fresh, err := k.fetch(ctx, address)
		if err != nil {
			k.Log.WarnContext(ctx, "keys of an application not fetched", "client", clientID, "address", address, "error", err)
		}
		return keys, fresh, err
	}
}

// fetch returns the keys at an address, and for how long they are fresh.
func (k *Keys) fetch(ctx context.Context, address string) (set, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := k.Client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("the answer has status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, longestSet+1))
	if err != nil {
		return nil, 0, errors.Join(errors.New("the answer broke off"), err)
	}
	if len(body) > longestSet {
		return nil, 0, errTooLong
	}
	keys, err := parse(body)
	return keys, maxAge(response.Header), err
}

// maxAge reads how long an answer is fresh (RFC 9111 §5.2.2).
func maxAge(header http.Header) time.Duration {
	for directive := range strings.SplitSeq(strings.ToLower(strings.Join(header.Values("Cache-Control"), ",")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache":
			return 0
		case "max-age":
			if seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil {
				return time.Duration(seconds) * time.Second
			}
		}
	}
	return usuallyFresh
}
