package wire_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
	"gatehouse/server/web"
)

// object is a body as endpoints read it.
func object(t *testing.T, body string) map[string]any {
	t.Helper()
	parsed, err := web.ParseObject([]byte(body), web.IdentityCodes())
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	newUser := func(o map[string]any) error { _, err := wire.ParseNewUser(o); return err }
	userChange := func(o map[string]any) error { _, err := wire.ParseUserChange(o); return err }
	newGroup := func(o map[string]any) error { _, err := wire.ParseNewGroup(o); return err }
	groupChange := func(o map[string]any) error { _, err := wire.ParseGroupChange(o); return err }
	newApplication := func(o map[string]any) error { _, err := wire.ParseNewApplication(o); return err }
	applicationChange := func(o map[string]any) error { _, err := wire.ParseApplicationChange(o); return err }
	const complete = `"username":"ada","email":"a@b.c","password":"x","firstName":"A","lastName":"L","groups":["g"]`
	tests := []struct {
		name, body string
		parse      func(map[string]any) error
		want       error
		fields     []string
	}{
		{"complete", `{` + complete + `}`, newUser, nil, nil},
		{"complete with metadata", `{` + complete + `,"metadata":{"a":1}}`, newUser, nil, nil},
		{"nothing", `{}`, newUser, errors.IdentityMissingFields, []string{"email", "firstName", "groups", "lastName", "password", "username"}},
		{"null is absent", `{` + strings.Replace(complete, `"ada"`, "null", 1) + `}`, newUser, errors.IdentityMissingFields, []string{"username"}},
		{"empty is absent", `{` + strings.Replace(complete, `["g"]`, "[]", 1) + `}`, newUser, errors.IdentityMissingFields, []string{"groups"}},
		{"a number for a text", `{` + strings.Replace(complete, `"ada"`, "7", 1) + `}`, newUser, errors.IdentityWrongType, []string{"username"}},
		{"a text for a list", `{` + strings.Replace(complete, `["g"]`, `"g"`, 1) + `}`, newUser, errors.IdentityWrongType, []string{"groups"}},
		{"a list of others", `{` + strings.Replace(complete, `["g"]`, `["g",7]`, 1) + `}`, newUser, errors.IdentityWrongType, []string{"groups"}},
		{"metadata that is a list", `{` + complete + `,"metadata":[]}`, newUser, errors.IdentityWrongType, []string{"metadata"}},
		{"an unknown field goes first", `{"colour":1,"username":7}`, newUser, errors.IdentityUnexpectedFields, []string{"colour"}},
		{"a field of another case", `{` + complete + `,"Username":"b"}`, newUser, errors.IdentityUnexpectedFields, []string{"Username"}},

		{"nothing to change", `{}`, userChange, nil, nil},
		{"null is no change", `{"email":null,"groups":null}`, userChange, nil, nil},
		{"immutable", `{"id":"x","createdAt":"x","username":"x"}`, userChange, errors.FieldImmutable, []string{"createdAt", "id", "username"}},
		{"immutable though null", `{"username":null}`, userChange, errors.FieldImmutable, []string{"username"}},
		{"unmodifiable", `{"password":"x"}`, userChange, errors.FieldUnmodifiable, []string{"password"}},
		{"to nothing", `{"email":"","groups":[]}`, userChange, errors.IdentityMissingFields, []string{"email", "groups"}},
		{"a text for a flag", `{"disabled":"yes"}`, userChange, errors.IdentityWrongType, []string{"disabled"}},

		{"a group", `{"id":"g","name":"G","permissions":{"a":["b"]}}`, newGroup, nil, nil},
		{"a group without a name", `{"id":"g"}`, newGroup, errors.IdentityMissingFields, []string{"name"}},
		{"permissions of another form", `{"id":"g","name":"G","permissions":{"a":"b"}}`, newGroup, errors.IdentityWrongType, []string{"permissions"}},
		{"actions that are numbers", `{"id":"g","name":"G","permissions":{"a":[1]}}`, newGroup, errors.IdentityWrongType, []string{"permissions"}},
		{"a group's id", `{"id":"g"}`, groupChange, errors.FieldImmutable, []string{"id"}},
		{"a group's members", `{"users":[]}`, groupChange, errors.FieldUnmodifiable, []string{"users"}},

		{"an application", `{"name":"midaz","description":"x"}`, newApplication, nil, nil},
		{"an application without a product", `{"description":"x"}`, newApplication, errors.IdentityMissingFields, []string{"name"}},
		{"an application's own id", `{"name":"midaz","description":"x","clientId":"x"}`, newApplication, errors.IdentityUnexpectedFields, []string{"clientId"}},
		{"half a second", `{"name":"midaz","description":"x","accessTokenLifetime":0.5}`, newApplication, errors.IdentityWrongType, []string{"accessTokenLifetime"}},
		{"a claim that is a text", `{"claims":["tier"]}`, applicationChange, errors.IdentityWrongType, []string{"claims"}},
		{"claims that are an object", `{"claims":{"claim":"a","metadata":"b"}}`, applicationChange, errors.IdentityWrongType, []string{"claims"}},
		{"a claim with more to it", `{"claims":[{"claim":"a","metadata":"b","value":"c"}]}`, applicationChange, errors.IdentityWrongType, []string{"claims"}},
		{"a claim of a number", `{"claims":[{"claim":"a","metadata":1}]}`, applicationChange, errors.IdentityWrongType, []string{"claims"}},
		{"an application's product", `{"name":"x","clientId":"y"}`, applicationChange, errors.FieldImmutable, []string{"clientId", "name"}},
		{"an application's secret", `{"clientSecret":"y"}`, applicationChange, errors.FieldUnmodifiable, []string{"clientSecret"}},
		{"no description", `{"description":""}`, applicationChange, errors.IdentityMissingFields, []string{"description"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.parse(object(t, tt.body))
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if err == nil {
				return
			}
			if diff := cmp.Diff(tt.fields, slices.Sorted(maps.Keys(errors.From(err).Fields))); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplicationSettings(t *testing.T) {
	t.Parallel()
	const settings = `"public":true,"trusted":true,"requirePushedAuthorizationRequests":true,"displayName":"d","policyUri":"https://po.example","tosUri":"https://t.example",
		"subjectType":"pairwise","sectorIdentifierUri":"https://s.example","frontchannelLogoutUri":"https://f.example",
		"claims":[{"claim":"a","metadata":"b","scope":"s"},{"claim":"c","metadata":"d"}],"grantTypes":["refresh_token"],"scopes":["s"],"audiences":["https://a.example"],"redirectUris":["https://r.example"],
		"postLogoutRedirectUris":["https://p.example"],"allowedOrigins":["https://o.example"],"tokenEndpointAuthMethod":"none","jwks":{"keys":[]},
		"jwksUri":"https://k.example","backchannelLogoutUri":"https://b.example","idTokenSignedResponseAlg":"ES256","accessTokenLifetime":60,
		"refreshTokenLifetime":120,"sessionLifetime":99999999999,"metadata":{"tier":"gold"}`
	in, err := wire.ParseNewApplication(object(t, `{"name":"midaz","description":"x",`+settings+`}`))
	if err != nil {
		t.Fatal(err)
	}
	want := identity.Application{
		Name: "midaz", Description: "x", Public: true, GrantTypes: []string{"refresh_token"}, Scopes: []string{"s"},
		Audiences: []string{"https://a.example"}, RedirectURIs: []string{"https://r.example"},
		PostLogoutRedirectURIs: []string{"https://p.example"}, AllowedOrigins: []string{"https://o.example"},
		TokenEndpointAuthMethod: "none", JWKS: `{"keys":[]}`, JWKSURI: "https://k.example",
		Trusted: true, RequirePAR: true, DisplayName: "d", PolicyURI: "https://po.example", TOSURI: "https://t.example",
		SubjectType: "pairwise", SectorIdentifier: "https://s.example", FrontchannelLogoutURI: "https://f.example",
		Claims:               []identity.Claim{{Name: "a", Metadata: "b", Scope: "s"}, {Name: "c", Metadata: "d", Scope: "openid"}},
		BackchannelLogoutURI: "https://b.example", IDTokenSignedResponseAlg: "ES256", AccessTokenLifetime: time.Minute,
		RefreshTokenLifetime: 2 * time.Minute, SessionLifetime: (1 << 32) * time.Second, Metadata: map[string]any{"tier": "gold"},
	}
	if diff := cmp.Diff(want, in.Application); diff != "" {
		t.Errorf("application (-want +got):\n%s", diff)
	}
	change, err := wire.ParseApplicationChange(object(t, `{`+settings+`,"description":"x","disabled":true}`))
	if err != nil {
		t.Fatal(err)
	}
	changed := identity.Application{Name: "midaz"}
	change.Apply(&changed)
	want.Disabled = true
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("changed application (-want +got):\n%s", diff)
	}
	cleared, err := wire.ParseApplicationChange(object(t, `{"jwks":{},"jwksUri":"","accessTokenLifetime":0,"trusted":false,"claims":[],"sectorIdentifierUri":""}`))
	if err != nil {
		t.Fatal(err)
	}
	cleared.Apply(&changed)
	if changed.JWKS != "" || changed.JWKSURI != "" || changed.AccessTokenLifetime != 0 || changed.Trusted || len(changed.Claims) != 0 || changed.SectorIdentifier != "" {
		t.Errorf("cleared application %+v", changed)
	}
}

// What answers show holds no secret, and no null where a list or an object belongs.
func TestAnswers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	app := identity.Application{
		ID: "i", Name: "midaz", ClientID: "c", CreatedAt: at, UpdatedAt: at,
		Secrets: []identity.ClientSecret{{Hash: "secret hash"}, {Hash: "secret hash", ExpiresAt: at}},
	}
	for name, tt := range map[string]struct {
		answer any
		want   string
	}{
		"user": {
			wire.FromUser(identity.User{ID: "i", Username: "ada", PasswordHash: "secret hash", CreatedAt: at, UpdatedAt: at}),
			`{"id":"i","username":"ada","firstName":"","lastName":"","email":"","emailVerified":false,"groups":[],"disabled":false,"metadata":{},"createdAt":"2026-01-02T02:04:05Z","updatedAt":"2026-01-02T02:04:05Z"}`,
		},
		"group": {
			wire.FromGroup(identity.Group{ID: "g", Permissions: map[string][]string{"a": nil}, CreatedAt: at, UpdatedAt: at}, identity.Members{}),
			`{"id":"g","name":"","builtIn":false,"createdAt":"2026-01-02T02:04:05Z","updatedAt":"2026-01-02T02:04:05Z","users":[],"userCount":0,"applications":[],"permissions":{"a":[]},"metadata":{}}`,
		},
		"application": {
			wire.FromApplication(app, ""),
			`{"id":"i","name":"midaz","description":"","clientId":"c","createdAt":"2026-01-02T02:04:05Z","updatedAt":"2026-01-02T02:04:05Z","public":false,"builtIn":false,"disabled":false,"trusted":false,"grantTypes":[],"scopes":[],"audiences":[],"redirectUris":[],"postLogoutRedirectUris":[],"allowedOrigins":[],"tokenEndpointAuthMethod":"","requirePushedAuthorizationRequests":false,"subjectType":"public","claims":[],"idTokenSignedResponseAlg":"","groups":[],"metadata":{}}`,
		},
		"product": {
			wire.FromProduct(identity.Product{Name: "midaz", CreatedAt: at}),
			`{"name":"midaz","description":"","builtIn":false,"createdAt":"2026-01-02T02:04:05Z"}`,
		},
	} {
		got, err := json.Marshal(tt.answer)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if shown := wire.FromApplication(app, "new"); shown.ClientSecret != "new" || !shown.OldSecretExpiresAt.Equal(at) {
		t.Errorf("new secret shown as %+v", shown)
	}
}

// However a body looks, it is refused with a code or read, and never read into
// something other than what it says.
func FuzzParse(f *testing.F) {
	f.Add(`{"username":"ada","email":"a@b.c","groups":["g"],"metadata":{"a":{}}}`)
	f.Add(`{"id":null,"permissions":{"a":["b",1]},"accessTokenLifetime":1e400}`)
	f.Fuzz(func(t *testing.T, body string) {
		parsed, err := web.ParseObject([]byte(body), web.IdentityCodes())
		if err != nil {
			return
		}
		var user registry.NewUser
		user, err = wire.ParseNewUser(parsed)
		if err == nil && (user.Username != parsed["username"] || len(user.Groups) == 0) {
			t.Errorf("%q is read as %+v", body, user)
		}
		for _, parse := range []func(map[string]any) error{
			func(o map[string]any) error { _, err := wire.ParseUserChange(o); return err },
			func(o map[string]any) error { _, err := wire.ParseNewGroup(o); return err },
			func(o map[string]any) error { _, err := wire.ParseGroupChange(o); return err },
			func(o map[string]any) error { _, err := wire.ParseNewApplication(o); return err },
			func(o map[string]any) error { _, err := wire.ParseApplicationChange(o); return err },
			func(o map[string]any) error { _, err := wire.ParseNewProduct(o); return err },
			func(o map[string]any) error { _, err := wire.ParseRotation(o); return err },
		} {
			if err := parse(parsed); err != nil && errors.From(err).Code == errors.Internal {
				t.Errorf("%q: %v", body, err)
			}
		}
	})
}
