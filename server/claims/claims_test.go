package claims_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/claims"
)

func ada() *identity.User {
	return &identity.User{
		ID: "1", Username: "ada", FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com", EmailVerified: true,
		Groups: []string{"clerks"}, UpdatedAt: time.Unix(1700000000, 0),
		Metadata: map[string]any{
			"nickname": "Countess", "birthdate": "1815-12-10", "phone_number": "+44 1", "phone_number_verified": true,
			"address": "12 St James's Square", "address_locality": "London", "department": "Engines", "level": json.Number("7"), "picture": 9,
		},
	}
}

var app = &identity.Application{
	Scopes: []string{"openid", "profile", "email", "phone", "hr"},
	Claims: []identity.Claim{
		{Name: "dept", Metadata: "department", Scope: "hr"},
		{Name: "grade", Metadata: "level", Scope: "openid"},
		{Name: "nothing", Metadata: "not there", Scope: "openid"},
		{Name: "later", Metadata: "picture", Scope: "openid"}, // added after the session began
	},
}

// told is what is said, as it is sent.
func told(t *testing.T, c claims.Claims) map[string]any {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return said
}

func TestAbout(t *testing.T) {
	t.Parallel()
	openid := map[string]any{"grade": 7.0}
	released := make([]string, 3)
	for i := range released {
		released[i] = app.Claims[i].Released()
	}
	profile := map[string]any{
		"name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace", "preferred_username": "ada", "updated_at": 1.7e9,
		"nickname": "Countess", "birthdate": "1815-12-10", "grade": 7.0,
	}
	for _, tt := range []struct {
		rule          string
		scopes, names []string
		want          map[string]any
	}{
		{"nothing asked for", []string{"openid"}, nil, openid},
		{"profile", []string{"openid", "profile"}, nil, profile},
		{"email", []string{"email"}, nil, map[string]any{"email": "ada@example.com", "email_verified": true}},
		{"phone", []string{"phone"}, nil, map[string]any{"phone_number": "+44 1", "phone_number_verified": true}},
		{"address", []string{"address"}, nil, map[string]any{
			"address": map[string]any{"formatted": "12 St James's Square", "locality": "London"},
		}},
		{"groups", []string{"groups"}, nil, map[string]any{"groups": []any{"clerks"}}},
		{"one by one", nil, []string{"given_name", "email_verified"}, map[string]any{"given_name": "Ada", "email_verified": true}},
		{"the application's own, by scope", []string{"hr"}, nil, map[string]any{"dept": "Engines"}},
		{"the application's own, by name", nil, []string{"dept"}, map[string]any{"dept": "Engines"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, told(t, claims.About(ada(), app, claims.Want{Scopes: tt.scopes, Names: tt.names, Released: released}))); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
	if said := told(t, claims.About(&identity.User{}, &identity.Application{}, claims.Want{Scopes: []string{"openid", "phone", "address"}})); len(said) > 0 {
		t.Errorf("who has nothing: %v", said)
	}
	if diff := cmp.Diff(map[string]any{"dept": "Engines", "grade": 7.0, "name": "Ada Lovelace"},
		told(t, claims.InIDToken(ada(), app, claims.Want{Scopes: []string{"openid", "profile", "hr"}, Names: []string{"name"}, Released: released}))); diff != "" {
		t.Errorf("in the id token (-want +got):\n%s", diff)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	asked, err := claims.Parse(`{"userinfo":{"given_name":{"essential":true},"nickname":null,"address":null,"dept":{"value":"x"},"unknown":null,"phone_number#ja":null},
		"id_token":{"sub":{"value":"248289"},"acr":{"essential":true,"values":["2","1"]},"auth_time":{"essential":true},"email":null},"other":{"x":null}}`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"dept", "given_name", "nickname"}, asked.ForUserinfo(app)); diff != "" {
		t.Errorf("userinfo, of which address is not the application's (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"email"}, asked.ForIDToken(app)); diff != "" {
		t.Errorf("id token (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"email", "hr", "profile"}, asked.Scopes(app)); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	if asked.Subject() != "248289" || asked.Demands("1") || !asked.Demands("3") {
		t.Errorf("sub %q, demands 1: %v, 3: %v", asked.Subject(), asked.Demands("1"), asked.Demands("3"))
	}
	for text, demands := range map[string]bool{
		`{"id_token":{"acr":null}}`:                               false,
		`{"id_token":{"acr":{"essential":true}}}`:                 false,
		`{"id_token":{"acr":{"value":"2"}}}`:                      false,
		`{"id_token":{"acr":{"essential":true,"value":"2"}}}`:     true,
		`{"id_token":{"acr":{"essential":true,"value":"1"}}}`:     false,
		`{"id_token":{"acr":{"essential":true,"values":[{},1]}}}`: true,
		`{"userinfo":{"acr":{"essential":true,"value":"2"}}}`:     false,
	} {
		asked, err := claims.Parse(text)
		if err != nil || asked.Demands("1") != demands {
			t.Errorf("%s demands more: %v, %v", text, asked.Demands("1"), err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"x", "null", "[]", `"x"`, "7", "{", `{"userinfo":[]}`, `{"userinfo":{"name":7}}`, `{"userinfo":{"name":{"essential":"yes"}}}`,
		`{"userinfo":{"name":null,"name":null}}`, `{} {}`, `{"userinfo":{"a":"` + strings.Repeat("x", 5000) + `"}}`,
		`{"userinfo":{` + many(101) + `}}`,
	} {
		if _, err := claims.Parse(text); !errors.Is(err, errors.Malformed) || errors.From(err).Fields["claims"] == "" {
			t.Errorf("%.60s: %v, want AUT-0009 for claims", text, err)
		}
	}
	if _, err := claims.Parse(""); err != nil {
		t.Errorf("none: %v", err)
	}
}

// many are members of so many names.
func many(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = `"` + strings.Repeat("y", i/10) + string(rune('a'+i%10)) + `":null`
	}
	return strings.Join(members, ",")
}

func FuzzParse(f *testing.F) {
	f.Add(`{"userinfo":{"given_name":{"essential":true}},"id_token":{"acr":{"values":["1"]}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		asked, err := claims.Parse(text)
		if err != nil {
			if !errors.Is(err, errors.Malformed) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		allowed := append(asked.ForUserinfo(app), asked.ForIDToken(app)...)
		told(t, claims.About(ada(), app, claims.Want{Scopes: asked.Scopes(app), Names: allowed}))
		asked.Demands(asked.Subject())
	})
}
