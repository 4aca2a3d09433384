package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

// remote is the administration of a running server over its API.
type remote struct {
	base   string // URL without a slash at its end
	token  string
	client *http.Client
}

// remoteTimeout is how long one answer may take.
const remoteTimeout = 30 * time.Second

// maxAnswer is more than an answer takes, in bytes: a hundred users, each with
// the most metadata.
const maxAnswer = 16 << 20

func newRemote(base, token string) *remote {
	return &remote{base: strings.TrimRight(base, "/"), token: token, client: &http.Client{
		Timeout: remoteTimeout,
		// An answer that leads elsewhere is none: the token is for this server.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (r *remote) users() collection[wire.User]   { return remoteUsers{remoteAll[wire.User]{r, "/v1/users"}} }
func (r *remote) groups() collection[wire.Group] { return remoteGroups{remoteAll[wire.Group]{r, "/v1/groups"}} }

func (r *remote) applications() collection[wire.Application] {
	return remoteApplications{remoteAll[wire.Application]{r, "/v1/applications"}}
}

func (r *remote) products() collection[wire.Product] {
	return remoteProducts{remoteAll[wire.Product]{r, "/v1/products"}}
}

func (r *remote) resetPassword(ctx context.Context, userID, password string) error {
	_, err := r.call(ctx, ask{method: http.MethodPatch, path: under("/v1/users", userID, "reset-password"), body: map[string]any{"newPassword": password}})
	return err
}

func (r *remote) sessions(ctx context.Context, userID string) ([]wire.Session, error) {
	answer, err := r.call(ctx, ask{method: http.MethodGet, path: under("/v1/users", userID, "sessions")})
	if err != nil {
		return nil, err
	}
	var sessions []wire.Session
	err = answer.decode(&sessions)
	return sessions, err
}

func (r *remote) endSession(ctx context.Context, userID, sessionID string) error {
	_, err := r.call(ctx, ask{method: http.MethodDelete, path: under("/v1/users", userID, "sessions", sessionID)})
	return err
}

func (r *remote) endSessions(ctx context.Context, userID string) error {
	_, err := r.call(ctx, ask{method: http.MethodDelete, path: under("/v1/users", userID, "sessions")})
	return err
}

func (r *remote) addMember(ctx context.Context, groupID, userID string) error {
	_, err := r.call(ctx, ask{method: http.MethodPut, path: under("/v1/groups", groupID, "members", userID)})
	return err
}

func (r *remote) removeMember(ctx context.Context, groupID, userID string) error {
	_, err := r.call(ctx, ask{method: http.MethodDelete, path: under("/v1/groups", groupID, "members", userID)})
	return err
}

func (r *remote) rotateSecret(ctx context.Context, applicationID string, body map[string]any) (versioned[wire.Application], error) {
	return one[wire.Application](r.call(ctx, ask{method: http.MethodPost, path: under("/v1/applications", applicationID, "rotate-secret"), body: body}))
}

// ask is a request to the API.
type ask struct {
	method, path string
	query        url.Values
	body         map[string]any    // nil: none
	versions     registry.Versions // If-Match
}

// answer is what the API said to a request that it carried out.
type answer struct {
	header http.Header
	body   []byte
}

// call asks the API. What it refuses is returned as a refusal.
func (r *remote) call(ctx context.Context, a ask) (answer, error) {
	request, err := r.request(ctx, a)
	if err != nil {
		return answer{}, err
	}
	response, err := r.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", a.method, request.URL, err)
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case response.StatusCode == http.StatusNoContent:
	case kind != "application/json":
		return answer{}, fmt.Errorf("%s %s: %s, which is no answer of Gatehouse: is the address right?", a.method, request.URL, response.Status)
	case response.StatusCode >= http.StatusMultipleChoices:
		return answer{}, refusalOf(response, body)
	}
	return answer{response.Header, body}, nil
}

func (r *remote) request(ctx context.Context, a ask) (*http.Request, error) {
	var body io.Reader
	if a.body != nil {
		text, err := json.Marshal(a.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	address := r.base + a.path
	if len(a.query) > 0 {
		address += "?" + a.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, a.method, address, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("User-Agent", "gatehouse/"+buildVersion().Version)
	if a.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, version := range a.versions {
		request.Header.Add("If-Match", fmt.Sprintf(`"%d"`, version))
	}
	return request, nil
}

// decode reads an answer as JSON. Numbers of metadata stay as they were written.
func (a answer) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// under is a path of escaped parts under a collection.
func under(collection string, parts ...string) string {
	for _, part := range parts {
		collection += "/" + url.PathEscape(part)
	}
	return collection
}

// refusal is a request that the API refused: with a code, and under a request id
// that `gatehouse explain` knows.
type refusal struct {
	*errors.Fault
	requestID string
}

// Unwrap returns the code with its details.
func (e refusal) Unwrap() error { return e.Fault }

func refusalOf(response *http.Response, body []byte) error {
	var said struct {
		Code, Title, Message string
		Fields               map[string]string
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Code == "" {
		return fmt.Errorf("the server answered %s without saying why", response.Status)
	}
	code, known := errors.Lookup(said.Code)
	if !known { // of a newer server
		code = errors.Code{ID: said.Code, Kind: errors.KindInternal, Title: said.Title, Message: said.Message}
	}
	fault := code.On(said.Fields)
	if wait, err := time.ParseDuration(response.Header.Get("Retry-After") + "s"); err == nil {
		fault = fault.After(wait)
	}
	return refusal{fault, response.Header.Get("X-Request-Id")}
}
