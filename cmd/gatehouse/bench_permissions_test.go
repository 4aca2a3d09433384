package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gatehouse/storage/storagetest"
)

// BenchmarkPermissions asks for decisions like the other benchmarks here, of a
// server on a database with 100,000 users, 10,000 groups and a million permissions.
// It takes some 20 seconds to make, and is made once for a database.
func BenchmarkPermissions(b *testing.B) {
	for _, db := range storagetest.Databases() {
		b.Run(db.Name, func(b *testing.B) {
			dsn := db.DSN(b)
			p := startProcess(b, dsn)
			storagetest.CreateCrowd(b, dsn)
			p.kill(b) // it knows nothing of what was done past it
			p.start(b)
			user, application, resource, action := p.askers(b)
			question := fmt.Sprintf(`{"resource":%q,"action":%q}`, resource, action)
			role := fmt.Sprintf(`{"resource":%q,"action":%q,"sub":"admin/%s-editor-role"}`, resource, action, storagetest.CrowdProduct(0))
			batch := func(n int) string {
				return `{"questions":[` + strings.Join(slices.Repeat([]string{question}, n), ",") + `]}`
			}
			for _, bench := range []struct{ name, method, path, body, token string }{
				{"user", http.MethodPost, "/v1/authorize", question, user},
				{"application", http.MethodPost, "/v1/authorize", role, application},
				{"batch of 10", http.MethodPost, "/v1/authorize/batch", batch(10), user},
				{"batch of 1000", http.MethodPost, "/v1/authorize/batch", batch(1000), user},
				{"list", http.MethodGet, "/v1/permissions", "", user},
			} {
				b.Run(bench.name, func(b *testing.B) {
					b.SetParallelism(max(1, benchClients/runtime.GOMAXPROCS(0)))
					a := ask{method: bench.method, path: bench.path, authorization: "Bearer " + bench.token, body: bench.body}
					if a.body != "" {
						a.contentType = "application/json"
					}
					p.load(b, func(int, []byte) ask { return a })
				})
			}
		})
	}
}

// askers makes a user in ten groups and an application, and returns a token of
// each and a permission that both have.
func (p *process) askers(b *testing.B) (user, application, resource, action string) {
	b.Helper()
	admin, _ := p.tokens(b, p.password("openid", true))
	const password = "Nanosecond-29.97cm"
	groups := make([]string, 10)
	for i := range groups {
		groups[i] = storagetest.CrowdGroup((997*i + 997) % storagetest.CrowdGroups).ID
	}
	first := storagetest.CrowdGroup(0) // of the editors of the first product
	groups[9] = first.ID
	p.create(b, admin, "/v1/users", map[string]any{
		"username": "member", "email": "member@example.com", "firstName": "Some", "lastName": "One", "password": password, "groups": groups,
	})
	app := p.create(b, admin, "/v1/applications", map[string]any{"name": storagetest.CrowdProduct(0), "description": "Asks"})
	user, _ = p.tokens(b, ask{method: http.MethodPost, path: "/oauth2/token", contentType: formType, body: url.Values{
		"grant_type": {"password"}, "username": {"member"}, "password": {password},
	}.Encode()})
	application, _ = p.tokens(b, ask{method: http.MethodPost, path: "/oauth2/token", contentType: formType, body: url.Values{
		"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
	}.Encode()})
	resource = slices.Min(slices.Collect(maps.Keys(first.Permissions)))
	return user, application, resource, first.Permissions[resource][0]
}

// credentials are those of an application that was created.
type credentials struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
}

// create creates something through the API.
func (p *process) create(b *testing.B, token, path string, object map[string]any) (made credentials) {
	b.Helper()
	body, err := json.Marshal(object)
	if err != nil {
		b.Fatal(err)
	}
	status, answer, err := p.do(http.DefaultClient, ask{
		method: http.MethodPost, path: path, contentType: "application/json", authorization: "Bearer " + token, body: string(body),
	})
	if err != nil || status != http.StatusCreated {
		b.Fatalf("%d %v: %s", status, err, answer)
	}
	if err := json.Unmarshal(answer, &made); err != nil {
		b.Fatal(err)
	}
	return made
}
