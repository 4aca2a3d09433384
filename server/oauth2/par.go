package oauth2

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/quota"
	"gatehouse/server/web"
	"gatehouse/storage"
)

const (
	pushedKind     = "par"
	pushedLifetime = time.Minute // RFC 9126 §2.2 has between 5 and 600 seconds
	pushedPrefix   = "urn:ietf:params:oauth:request_uri:"
)

// pushedResponse is the answer of RFC 9126 §2.2.
type pushedResponse struct {
	RequestURI string `json:"request_uri"`
	ExpiresIn  int64  `json:"expires_in"` // seconds
}

// Push handles POST /oauth2/par (RFC 9126): an application authenticates as at the
// token endpoint and leaves an authorization request, which is held to everything
// that one from a browser is.
func (h *Handler) Push(c echo.Context) error {
	if err := h.throttled(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	form, shown, err := h.standardForm(c)
	if err != nil {
		return err
	}
	if shown.ID == "" {
		web.Trail(ctx).Fail(explain.ClientShown, "(none)", "")
		return errors.InvalidClient.Because(errors.New("no client authentication"))
	}
	app, err := h.authenticate(ctx, shown)
	if err != nil {
		return err
	}
	web.AllowApplication(c, app)
	if err := checkLength(form); err != nil {
		return err
	}
	params := knownParameters(form)
	params.Set("client_id", app.ClientID)
	if _, err := h.authorization(ctx, params, true); err != nil {
		return err
	}
	requestURI, err := h.keepPushed(ctx, app, params)
	if err != nil {
		return err
	}
	noStore(c)
	return c.JSON(http.StatusCreated, pushedResponse{requestURI, int64(pushedLifetime / time.Second)})
}

// pushedKept is how long the row of a pushed request is there: cleanup removes it ten
// minutes after its end, and comes every ten minutes.
const pushedKept = pushedLifetime + 20*time.Minute

// newPushedBound bounds the rows of pushed requests, which it knows by their hashes.
func newPushedBound(now func() time.Time) *quota.Bound[string] {
	return quota.New[string](quota.Config{Bytes: 64 << 20, Life: pushedKept}, now)
}

// keepPushed keeps a request and returns the address that stands for it.
func (h *Handler) keepPushed(ctx context.Context, app *identity.Application, params url.Values) (string, error) {
	secret, hash, err := store{Handler: h}.GenerateAuthorizeCode(ctx, nil)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(params)
	if err != nil {
		return "", fmt.Errorf("encode request: %w", err)
	}
	if err := h.makeRoom(ctx, app, hash, len(payload)); err != nil {
		return "", err
	}
	err = h.Codes.CreateCode(ctx, storage.Code{
		Kind: pushedKind, Hash: []byte(hash), ClientID: app.ClientID, Payload: payload, ExpiresAt: h.Now().Add(pushedLifetime),
	})
	if errors.Is(err, errors.InvalidAuthorizationCode) { // the application is gone meanwhile
		err = errors.InvalidClient.Because(err)
	}
	return pushedPrefix + secret, err
}

// makeRoom counts a pushed request that is about to be kept, and removes those that
// have to give way to it. An application that keeps no secret is a stranger: anybody
// can push in its name.
func (h *Handler) makeRoom(ctx context.Context, app *identity.Application, hash string, bytes int) error {
	givers := quota.Application(app.ClientID)
	if app.Public {
		givers = quota.Stranger(web.ClientAddress(ctx))
	}
	giveWay, ok := h.pushed.Add(hash, hash, bytes, givers)
	for _, old := range giveWay {
		if err := h.Codes.DeleteCode(ctx, pushedKind, []byte(old)); err != nil {
			return err
		}
	}
	if !ok {
		return errors.TooManyRequests.After(pushedLifetime)
	}
	return nil
}

// pushedRequest returns the parameters of the pushed request that those of a
// browser's stand for (RFC 9126 §4), which is good for this once; or, where they
// stand for none, themselves.
func (h *Handler) pushedRequest(ctx context.Context, params url.Values) (request url.Values, pushed bool, err error) {
	secret, ok := strings.CutPrefix(params.Get("request_uri"), pushedPrefix)
	if !ok {
		return params, false, nil
	}
	refused := func(why string) error {
		web.Trail(ctx).Fail(explain.RequestPushed, why, "")
		return errors.InvalidRequestURI.Because(errors.New("the pushed request " + why))
	}
	hash, now := []byte(codeHash(secret)), h.Now()
	row, err := h.Codes.Code(ctx, pushedKind, hash)
	switch {
	case errors.Is(err, errors.InvalidAuthorizationCode):
		return nil, false, refused("is unknown")
	case err != nil:
		return nil, false, err
	case row.ClientID != params.Get("client_id"):
		return nil, false, refused("is another application's")
	case !now.Before(row.ExpiresAt):
		return nil, false, refused("has expired")
	}
	spent, err := h.Codes.SpendCode(ctx, pushedKind, hash, "", now)
	switch {
	case err != nil:
		return nil, false, err
	case !spent:
		return nil, false, refused("was used before")
	}
	if err := json.Unmarshal(row.Payload, &request); err != nil {
		return nil, false, fmt.Errorf("decode request: %w", err)
	}
	return request, true, nil
}
