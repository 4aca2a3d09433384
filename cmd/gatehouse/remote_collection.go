package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

// remoteAll is what all collections of the API have in common.
type remoteAll[T any] struct {
	*remote
	path string
}

// one is an answer that is one of a kind.
func one[T any](a answer, err error) (versioned[T], error) {
	var v versioned[T]
	if err != nil {
		return v, err
	}
	etag := strings.Trim(strings.TrimPrefix(a.header.Get("ETag"), "W/"), `"`)
	v.version, _ = strconv.ParseInt(etag, 10, 64) // 0 where there is none
	err = a.decode(&v.value)
	return v, err
}

func (r remoteAll[T]) read(ctx context.Context, id string) (versioned[T], error) {
	return one[T](r.call(ctx, ask{method: http.MethodGet, path: under(r.path, id)}))
}

func (r remoteAll[T]) create(ctx context.Context, body map[string]any) (versioned[T], error) {
	return one[T](r.call(ctx, ask{method: http.MethodPost, path: r.path, body: body}))
}

func (r remoteAll[T]) update(ctx context.Context, id string, body map[string]any, versions registry.Versions) (versioned[T], error) {
	return one[T](r.call(ctx, ask{method: http.MethodPatch, path: under(r.path, id), body: body, versions: versions}))
}

func (r remoteAll[T]) remove(ctx context.Context, id string, versions registry.Versions) error {
	_, err := r.call(ctx, ask{method: http.MethodDelete, path: under(r.path, id), versions: versions})
	return err
}

// list asks for one page. The API calls it an error when nothing is found, and
// answers with the bare items where it is set to, and always for applications.
func (r remoteAll[T]) list(ctx context.Context, query identity.UserQuery) (listing[T], error) {
	found := pageOf([]T{}, query.Page, 0)
	a, err := r.call(ctx, ask{method: http.MethodGet, path: r.path, query: queryOf(query)})
	if errors.Is(err, errors.NoUsers) || errors.Is(err, errors.NoGroups) || errors.Is(err, errors.NoApplications) {
		return found, nil
	}
	if err != nil {
		return found, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("[")) {
		err = a.decode(&found.Items)
		found.Total = len(found.Items)
		if total, err := strconv.Atoi(a.header.Get("X-Total-Count")); err == nil {
			found.Total = total
		}
		return found, err
	}
	err = a.decode(&found)
	return found, err
}

// queryOf is a query as the API reads it.
func queryOf(q identity.UserQuery) url.Values {
	values := url.Values{"page": {strconv.Itoa(q.Number)}, "limit": {strconv.Itoa(q.Limit)}}
	for name, text := range map[string]string{"q": q.Prefix, "username": q.Username, "email": q.Email, "group": q.Group, "sort": q.Sort} {
		if text != "" {
			values.Set(name, text)
		}
	}
	if q.Disabled != nil {
		values.Set("disabled", strconv.FormatBool(*q.Disabled))
	}
	if !q.FrozenAt.IsZero() {
		values.Set("frozen", "true")
	}
	for name, at := range map[string]time.Time{"lastSignInBefore": q.SignedInBefore, "lastSignInAfter": q.SignedInAfter} {
		if !at.IsZero() {
			values.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	return values
}

// remoteUsers are the users of a server.
type remoteUsers struct{ remoteAll[wire.User] }

func (r remoteUsers) find(ctx context.Context, name string) (string, error) {
	if id, err := uuid.Parse(name); err == nil {
		return id.String(), nil
	}
	found, err := r.list(ctx, identity.UserQuery{Page: identity.Page{Number: 1, Limit: 1}, Username: name})
	if err != nil {
		return "", err
	}
	if len(found.Items) == 0 {
		return "", nobody("user", name)
	}
	return found.Items[0].ID, nil
}

// remoteGroups are the groups of a server.
type remoteGroups struct{ remoteAll[wire.Group] }

func (remoteGroups) find(_ context.Context, name string) (string, error) { return groupID(name) }

// remoteApplications are the applications of a server.
type remoteApplications struct{ remoteAll[wire.Application] }

// find looks through all applications for a client id, for the API finds them by
// id alone.
func (r remoteApplications) find(ctx context.Context, name string) (string, error) {
	if id, err := uuid.Parse(name); err == nil {
		return id.String(), nil
	}
	for page := (identity.Page{Number: 1, Limit: mostEntries}); ; page.Number++ {
		found, err := r.list(ctx, identity.UserQuery{Page: page})
		if err != nil {
			return "", err
		}
		for _, app := range found.Items {
			if app.ClientID == name {
				return app.ID, nil
			}
		}
		if len(found.Items) == 0 || page.Number*page.Limit >= found.Total {
			return "", nobody("application", name)
		}
	}
}

// remoteProducts are the products of a server.
type remoteProducts struct{ remoteAll[wire.Product] }

func (remoteProducts) find(_ context.Context, name string) (string, error) { return productName(name) }

// list returns all products, whatever the page.
func (r remoteProducts) list(ctx context.Context, _ identity.UserQuery) (listing[wire.Product], error) {
	a, err := r.call(ctx, ask{method: http.MethodGet, path: r.path})
	if err != nil {
		return listing[wire.Product]{}, err
	}
	items := []wire.Product{}
	err = a.decode(&items)
	return whole(items), err
}
