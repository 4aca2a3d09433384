package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
)

func (r *remote) decide(ctx context.Context, q permissions.Question) (wire.Decision, error) {
	body := questionBody(q.Question)
	body["sub"] = q.Subject
	return posted[wire.Decision](ctx, r, ask{path: "/v1/authorize", query: url.Values{"explain": {"true"}}, body: body})
}

func (r *remote) permitted(ctx context.Context, sub, product string) (permitted map[string][]string, err error) {
	a := ask{method: http.MethodGet, path: under("/v1/permissions", sub)}
	if product != "" {
		a.query = url.Values{"product": {product}}
	}
	answer, err := r.call(ctx, a)
	if err == nil {
		err = answer.decode(&permitted)
	}
	return permitted, err
}

func (r *remote) whoCan(ctx context.Context, q identity.Question, most int) (wire.Able, error) {
	body := questionBody(q)
	body["limit"] = most
	return posted[wire.Able](ctx, r, ask{path: "/v1/permissions/who-can", body: body})
}

func questionBody(q identity.Question) map[string]any {
	body := map[string]any{"resource": q.Resource, "action": q.Action}
	if q.Product != "" {
		body["product"] = q.Product
	}
	return body
}

// mostProposed is how many groups, and how many users, the API simulates at once.
const mostProposed = 1000

// simulate goes by the policy of the server.
func (r *remote) simulate(ctx context.Context, _ *identity.Policy, p permissions.Proposal) (wire.Simulation, error) {
	groups, users := proposalBody(p)
	if len(groups) > mostProposed || len(users) > mostProposed {
		return wire.Simulation{}, fmt.Errorf("%d groups and %d users differ, and the API simulates %d of each at once: do it without --server, in the database",
			len(groups), len(users), mostProposed)
	}
	return posted[wire.Simulation](ctx, r, ask{path: "/v1/permissions/simulate", body: map[string]any{"groups": groups, "users": users}})
}

// proposalBody is a proposal as the API takes it.
func proposalBody(p permissions.Proposal) (groups, users []map[string]any) {
	for _, g := range p.Groups {
		permitted := g.Permissions
		if permitted == nil {
			permitted = map[string][]string{}
		}
		groups = append(groups, map[string]any{"id": g.ID, "permissions": permitted})
	}
	for _, id := range p.Deleted {
		groups = append(groups, map[string]any{"id": id, "deleted": true})
	}
	for _, m := range p.Users {
		users = append(users, map[string]any{"sub": m.User.ID, "groups": append([]string{}, m.Groups...)})
	}
	return groups, users
}

// posted is what the API answers to a body.
func posted[T any](ctx context.Context, r *remote, a ask) (v T, err error) {
	a.method = http.MethodPost
	answer, err := r.call(ctx, a)
	if err == nil {
		err = answer.decode(&v)
	}
	return v, err
}

func (r *remote) present() bootstrap.Present { return remotePresent{r} }
