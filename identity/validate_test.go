package identity_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
)

// check compares an error with the code and the fields that are wanted.
func check(t *testing.T, err error, code error, fields ...string) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("Validate() = %v, want %v", err, code)
	}
	if err == nil {
		return
	}
	got := slices.Sorted(maps.Keys(errors.From(err).Fields))
	if diff := cmp.Diff(fields, got); diff != "" {
		t.Errorf("fields at fault (-want +got):\n%s", diff)
	}
}

func TestUserValidate(t *testing.T) {
	t.Parallel()
	user := func(change func(*identity.User)) identity.User {
		u := identity.User{Username: "ada", Email: "ada@example.com", FirstName: "Ada", LastName: "Lovelace", Groups: []string{"admin-group"}}
		change(&u)
		return u
	}
	tests := []struct {
		name   string
		user   identity.User
		want   error
		fields []string
	}{
		{"complete", user(func(*identity.User) {}), nil, nil},
		{"no names", user(func(u *identity.User) { u.FirstName, u.LastName = "", "" }), nil, nil},
		{"every kind of character in the username", user(func(u *identity.User) { u.Username = "A.z_0-9" }), nil, nil},
		{"longest username", user(func(u *identity.User) { u.Username = strings.Repeat("a", 255) }), nil, nil},
		{"address of a name alone", user(func(u *identity.User) { u.Email = "admin@localhost" }), nil, nil},
		{"address with signs", user(func(u *identity.User) { u.Email = "o'neil+x@mail.example.co" }), nil, nil},
		{"address beyond ASCII", user(func(u *identity.User) { u.Email = "jérôme@münchen.example" }), nil, nil},

		{"nothing", identity.User{}, errors.IdentityMissingFields, []string{"email", "username"}},
		{"missing goes before malformed", identity.User{Username: "?"}, errors.IdentityMissingFields, []string{"email"}},
		{"short username", user(func(u *identity.User) { u.Username = "ab" }), errors.IdentityMalformed, []string{"username"}},
		{"long username", user(func(u *identity.User) { u.Username = strings.Repeat("a", 256) }), errors.IdentityMalformed, []string{"username"}},
		{"space in the username", user(func(u *identity.User) { u.Username = "ada l" }), errors.IdentityMalformed, []string{"username"}},
		{"letter beyond ASCII in the username", user(func(u *identity.User) { u.Username = "adä" }), errors.IdentityMalformed, []string{"username"}},
		{"control character in a name", user(func(u *identity.User) { u.FirstName = "A\x00da" }), errors.IdentityMalformed, []string{"firstName"}},
		{"bad UTF-8 in a name", user(func(u *identity.User) { u.LastName = "\xff" }), errors.IdentityMalformed, []string{"lastName"}},
		{"255 characters of three bytes", user(func(u *identity.User) { u.LastName = strings.Repeat("愛", 255) }), nil, nil},
		{"256 characters", user(func(u *identity.User) { u.LastName = strings.Repeat("a", 256) }), errors.IdentityMalformed, []string{"lastName"}},
		{"group that is no slug", user(func(u *identity.User) { u.Groups = []string{"Admin Group"} }), errors.IdentityMalformed, []string{"groups"}},
		{"group twice", user(func(u *identity.User) { u.Groups = []string{"a", "a"} }), errors.IdentityMalformed, []string{"groups"}},
		{"two faults", user(func(u *identity.User) { u.Username, u.Email = "a", "a" }), errors.IdentityMalformed, []string{"email", "username"}},
		{"metadata", user(func(u *identity.User) { u.Metadata = map[string]any{"a": []any{}} }), errors.IdentityMetadataNested, []string{"metadata"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, tt.user.Validate(), tt.want, tt.fields...)
		})
	}
}

func TestUserValidateRefusesAddresses(t *testing.T) {
	t.Parallel()
	for _, email := range []string{
		"ada", "@example.com", "ada@", "a@b@c", "a da@example.com", "ada@exam ple.com", "ada@.com", "ada@com.",
		"ada@a..b", ".ada@example.com", "ada.@example.com", "a..b@example.com", "<ada@example.com>", `"a"@example.com`,
		"ada@-a.com", "ada@a-.com", "ada@a_b.com", "ada@[127.0.0.1]", "ada\n@example.com", "ada@example.com\r\nBcc: x@y.z",
		"\xff@example.com", strings.Repeat("a", 65) + "@example.com", "ada@" + strings.Repeat("a", 64) + ".com",
		"ada@" + strings.Repeat("abc.", 63) + "com",
	} {
		err := identity.User{Username: "ada", Email: email}.Validate()
		if !errors.Is(err, errors.IdentityMalformed) {
			t.Errorf("Validate() with e-mail %q = %v, want %v", email, err, errors.IdentityMalformed)
		}
	}
}

func TestGroupValidate(t *testing.T) {
	t.Parallel()
	group := func(change func(*identity.Group)) identity.Group {
		g := identity.Group{ID: "midaz-viewer-group", Name: "Viewers", Permissions: map[string][]string{"*": {"get", "head"}}}
		change(&g)
		return g
	}
	tests := []struct {
		name   string
		group  identity.Group
		want   error
		fields []string
	}{
		{"complete", group(func(*identity.Group) {}), nil, nil},
		{"no permissions", group(func(g *identity.Group) { g.Permissions = nil }), nil, nil},
		{"nothing", identity.Group{}, errors.IdentityMissingFields, []string{"id", "name"}},
		{"upper case", group(func(g *identity.Group) { g.ID = "Viewers" }), errors.IdentityMalformed, []string{"id"}},
		{"two hyphens", group(func(g *identity.Group) { g.ID = "a--b" }), errors.IdentityMalformed, []string{"id"}},
		{"slash", group(func(g *identity.Group) { g.ID = "a/b" }), errors.IdentityMalformed, []string{"id"}},
		{"long id", group(func(g *identity.Group) { g.ID = strings.Repeat("a", 101) }), errors.IdentityMalformed, []string{"id"}},
		{"resource without actions", group(func(g *identity.Group) { g.Permissions["users"] = nil }), errors.IdentityMalformed, []string{"permissions"}},
		{"resource without a name", group(func(g *identity.Group) { g.Permissions[""] = []string{"get"} }), errors.IdentityMalformed, []string{"permissions"}},
		{"action with a space", group(func(g *identity.Group) { g.Permissions["users"] = []string{"get it"} }), errors.IdentityMalformed, []string{"permissions"}},
		{"metadata", group(func(g *identity.Group) { g.Metadata = map[string]any{"a": nil} }), errors.IdentityMetadataNested, []string{"metadata"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, tt.group.Validate(), tt.want, tt.fields...)
		})
	}
}

func application(change func(*identity.Application)) identity.Application {
	a := identity.Application{
		Name: "midaz", ClientID: "0123456789abcdef0123", Secrets: []identity.ClientSecret{{Hash: "x"}},
		GrantTypes: []string{identity.GrantPassword, identity.GrantRefreshToken}, TokenEndpointAuthMethod: identity.AuthBasic,
		Scopes: []string{"openid", "accounts:read"}, Audiences: []string{"https://api.example.com/v1", "urn:example:api"},
		RedirectURIs:   []string{"https://app.example.com/cb?x=1", "http://127.0.0.1:8080/cb", "http://[::1]/", "http://localhost/cb", "com.example.app:/cb"},
		AllowedOrigins: []string{"https://app.example.com", "http://localhost:3000"}, IDTokenSignedResponseAlg: "RS256",
		AccessTokenLifetime: time.Second, RefreshTokenLifetime: 365 * 24 * time.Hour,
	}
	change(&a)
	return a
}

func TestApplicationValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*identity.Application)
		want   error
		fields []string
	}{
		{"complete", func(*identity.Application) {}, nil, nil},
		{"public", func(a *identity.Application) {
			a.Public, a.Secrets, a.TokenEndpointAuthMethod = true, nil, identity.AuthNone
		}, nil, nil},
		{"client id of a product", func(a *identity.Application) { a.ClientID = "product:bank" }, errors.IdentityMalformed, []string{"clientId"}},
		{"no name, no client id", func(a *identity.Application) { a.Name, a.ClientID = " ", "" }, errors.IdentityMissingFields, []string{"clientId", "name"}},
		{"control character", func(a *identity.Application) { a.Name = "a\nb" }, errors.IdentityMalformed, []string{"name"}},
		{"no grant", func(a *identity.Application) { a.GrantTypes = nil }, errors.IdentityMalformed, []string{"grantTypes"}},
		{"unknown grant", func(a *identity.Application) { a.GrantTypes = []string{"implicit"} }, errors.IdentityMalformed, []string{"grantTypes"}},
		{"grant twice", func(a *identity.Application) { a.GrantTypes = []string{"password", "password"} }, errors.IdentityMalformed, []string{"grantTypes"}},
		{"confidential without authentication", func(a *identity.Application) { a.TokenEndpointAuthMethod = identity.AuthNone }, errors.IdentityMalformed, []string{"tokenEndpointAuthMethod"}},
		{"public with everything of the other kind", func(a *identity.Application) { a.Public, a.GrantTypes = true, []string{"client_credentials"} }, errors.IdentityMalformed, []string{"grantTypes", "public", "tokenEndpointAuthMethod"}},
		{"two scopes in one", func(a *identity.Application) { a.Scopes = []string{"a b"} }, errors.IdentityMalformed, []string{"scopes"}},
		{"quote in a scope", func(a *identity.Application) { a.Scopes = []string{`a"b`} }, errors.IdentityMalformed, []string{"scopes"}},
		{"backslash in a scope", func(a *identity.Application) { a.Scopes = []string{`a\b`} }, errors.IdentityMalformed, []string{"scopes"}},
		{"empty scope", func(a *identity.Application) { a.Scopes = []string{""} }, errors.IdentityMalformed, []string{"scopes"}},
		{"scope beyond ASCII", func(a *identity.Application) { a.Scopes = []string{"é"} }, errors.IdentityMalformed, []string{"scopes"}},
		{"relative audience", func(a *identity.Application) { a.Audiences = []string{"/api"} }, errors.IdentityMalformed, []string{"audiences"}},
		{"audience with a fragment", func(a *identity.Application) { a.Audiences = []string{"https://a/#b"} }, errors.IdentityMalformed, []string{"audiences"}},
		{"origin with a path", func(a *identity.Application) { a.AllowedOrigins = []string{"https://a.example/"} }, errors.IdentityMalformed, []string{"allowedOrigins"}},
		{"any origin", func(a *identity.Application) { a.AllowedOrigins = []string{"*"} }, errors.IdentityMalformed, []string{"allowedOrigins"}},
		{"long access token", func(a *identity.Application) { a.AccessTokenLifetime = 24*time.Hour + time.Second }, errors.IdentityMalformed, []string{"accessTokenLifetime"}},
		{"negative lifetime", func(a *identity.Application) { a.AccessTokenLifetime = -time.Second }, errors.IdentityMalformed, []string{"accessTokenLifetime"}},
		{"part of a second", func(a *identity.Application) { a.SessionLifetime = 1500 * time.Millisecond }, errors.IdentityMalformed, []string{"sessionLifetime"}},
		{"long refresh token", func(a *identity.Application) { a.RefreshTokenLifetime = 366 * 24 * time.Hour }, errors.IdentityMalformed, []string{"refreshTokenLifetime"}},
		{"unknown algorithm", func(a *identity.Application) { a.IDTokenSignedResponseAlg = "none" }, errors.IdentityMalformed, []string{"idTokenSignedResponseAlg"}},
		{"as many scopes as there may be", func(a *identity.Application) { a.Scopes = numbered(200) }, nil, nil},
		{"too many scopes", func(a *identity.Application) { a.Scopes = numbered(201) }, errors.IdentityMalformed, []string{"scopes"}},
		{"a long address", func(a *identity.Application) { a.RedirectURIs = []string{"https://" + strings.Repeat("a", 2000)} }, errors.IdentityMalformed, []string{"redirectUris"}},
		{"public keys", func(a *identity.Application) { a.JWKS = testKey("") }, nil, nil},
		{"keys elsewhere", func(a *identity.Application) { a.JWKSURI = "https://app.example.com/jwks" }, nil, nil},
		{"private keys", func(a *identity.Application) { a.JWKS = testKey(`,"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"`) }, errors.IdentityMalformed, []string{"jwks"}},
		{"secret keys", func(a *identity.Application) { a.JWKS = `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}` }, errors.IdentityMalformed, []string{"jwks"}},
		{"no keys", func(a *identity.Application) { a.JWKS = `{"keys":[]}` }, errors.IdentityMalformed, []string{"jwks"}},
		{"no JWK Set", func(a *identity.Application) { a.JWKS = "keys" }, errors.IdentityMalformed, []string{"jwks"}},
		{"keys here and elsewhere", func(a *identity.Application) { a.JWKS, a.JWKSURI = testKey(""), "https://app.example.com/jwks" }, errors.IdentityMalformed, []string{"jwksUri"}},
		{"keys on a plain address", func(a *identity.Application) { a.JWKSURI = "http://app.example.com/jwks" }, errors.IdentityMalformed, []string{"jwksUri"}},
		{"keys in an app", func(a *identity.Application) { a.JWKSURI = "com.example.app:/jwks" }, errors.IdentityMalformed, []string{"jwksUri"}},
		{"logout on a plain address", func(a *identity.Application) { a.BackchannelLogoutURI = "http://app.example.com/" }, errors.IdentityMalformed, []string{"backchannelLogoutUri"}},
		{"metadata", func(a *identity.Application) { a.Metadata = map[string]any{"a": map[string]any{}} }, errors.IdentityMetadataNested, []string{"metadata"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, application(tt.change).Validate(), tt.want, tt.fields...)
		})
	}
}

func TestApplicationValidateRefusesRedirects(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{
		"", "/cb", "app.example.com/cb", "https://", "https:///cb", "https://app.example.com/cb#x", "https://app.example.com/cb#",
		"http://app.example.com/cb", "http://127.0.0.1.evil.example/cb", "javascript:alert(1)", "data:text/html,x", "app:/cb",
		"https://user@app.example.com/cb", "https://app.example.com/a b", "https://app.example.com/\n", "https://app.example.com/é", "%",
	} {
		for field, change := range map[string]func(*identity.Application){
			"redirectUris":           func(a *identity.Application) { a.RedirectURIs = []string{uri} },
			"postLogoutRedirectUris": func(a *identity.Application) { a.PostLogoutRedirectURIs = []string{uri} },
		} {
			err := application(change).Validate()
			if !errors.Is(err, errors.IdentityMalformed) || errors.From(err).Fields[field] == "" {
				t.Errorf("Validate() with %s %q = %v, want %v on it", field, uri, err, errors.IdentityMalformed)
			}
		}
	}
}

func TestValidateMetadata(t *testing.T) {
	t.Parallel()
	if fault := identity.ValidateMetadata(map[string]any{
		"text": strings.Repeat("é", 2000), "number": json.Number("1.5"), "float": 1.5, "whole": 3, "yes": true, strings.Repeat("é", 100): "",
	}); fault != nil {
		t.Errorf("ValidateMetadata() of what is allowed = %v", fault.Auth())
	}
	if fault := identity.ValidateMetadata(entries(8, strings.Repeat("v", 2000))); fault != nil {
		t.Errorf("ValidateMetadata() of 16,000 bytes = %v", fault.Auth())
	}
	tests := []struct {
		name     string
		metadata map[string]any
		auth     error
		identity error
		text     string
	}{
		{
			"long key",
			map[string]any{strings.Repeat("k", 101): "x"},
			errors.MetadataKeyTooLong, errors.IdentityMetadataKeyTooLong,
			"exceeds the maximum allowed length of 100 characters",
		},
		{
			"long value",
			map[string]any{"a": strings.Repeat("v", 2001)},
			errors.MetadataValueTooLong, errors.IdentityMetadataValueTooLong,
			"exceeds the maximum allowed length of 2000 characters",
		},
		{"long number", map[string]any{"a": json.Number(strings.Repeat("1", 2001))}, errors.MetadataValueTooLong, errors.IdentityMetadataValueTooLong, ""},
		{
			"object",
			map[string]any{"a": map[string]any{"b": 1}},
			errors.MetadataNested, errors.IdentityMetadataNested,
			"the value map[b:1] is not nested",
		},
		{"list", map[string]any{"a": []any{"b"}}, errors.MetadataNested, errors.IdentityMetadataNested, ""},
		{"null", map[string]any{"a": nil}, errors.MetadataNested, errors.IdentityMetadataNested, ""},
		{"first of two by key", map[string]any{"b": strings.Repeat("v", 2001), "a": nil}, errors.MetadataNested, errors.IdentityMetadataNested, ""},
		{"too much in all", entries(9, strings.Repeat("v", 2000)), errors.Malformed, errors.IdentityMalformed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fault := identity.ValidateMetadata(tt.metadata)
			if fault == nil {
				t.Fatal("ValidateMetadata() = nil")
			}
			if got := fault.Auth(); !errors.Is(got, tt.auth) || !strings.Contains(got.Text(), tt.text) {
				t.Errorf("Auth() = %v %q, want %v %q", got, got.Text(), tt.auth, tt.text)
			}
			if got := fault.Identity(); !errors.Is(got, tt.identity) {
				t.Errorf("Identity() = %v, want %v", got, tt.identity)
			}
		})
	}
}

// entries is metadata of n keys with the same value.
func entries(n int, value any) map[string]any {
	metadata := make(map[string]any, n)
	for i := range n {
		metadata[string(rune('a'+i))] = value
	}
	return metadata
}

// testKey is a JWK Set of one key on P-256, with more members.
func testKey(more string) string {
	return `{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"` + more + `}]}`
}

func TestProductValidate(t *testing.T) {
	t.Parallel()
	check(t, identity.Product{Name: "plugin-crm", Description: "CRM"}.Validate(), nil)
	check(t, identity.Product{}.Validate(), errors.IdentityMissingFields, "name")
	check(t, identity.Product{Name: "Plugin CRM", Description: "a\x00"}.Validate(), errors.IdentityMalformed, "description", "name")
}

// numbered are so many different words.
func numbered(n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprint("word-", i)
	}
	return words
}

func TestGroupsAreBounded(t *testing.T) {
	t.Parallel()
	group := identity.Group{ID: "many", Name: "Many", Permissions: map[string][]string{}}
	for _, resource := range numbered(1000) {
		group.Permissions[resource] = []string{"get"}
	}
	check(t, group.Validate(), nil)
	group.Permissions["one-more"] = []string{"get"}
	check(t, group.Validate(), errors.IdentityMalformed, "permissions")
	delete(group.Permissions, "one-more")
	group.Permissions["word-0"] = numbered(201)
	check(t, group.Validate(), errors.IdentityMalformed, "permissions")
	user := identity.User{Username: "ada", Email: "ada@example.com", Groups: numbered(201)}
	check(t, user.Validate(), errors.IdentityMalformed, "groups")
}
