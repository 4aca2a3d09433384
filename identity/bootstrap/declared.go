package bootstrap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// product is a declared product.
type product struct {
	place
	name        string
	description *string // nil: not declared, as everywhere below
}

func (o *object) product() product {
	p := product{o.place, o.need("name", "product"), o.text("description")}
	o.faults(identity.Product{Name: p.name, Description: value(p.description)}.Validate())
	return p
}

// group is a declared group.
type group struct {
	place
	id     string
	change registry.GroupChange // its name is declared
}

func (o *object) group() group {
	name := o.need("name", "group")
	g := group{o.place, o.need("id", "group"), registry.GroupChange{
		Name: &name, Product: o.text("product"), Permissions: o.permissions("permissions"), Metadata: o.metadata("metadata"),
	}}
	o.faults(identity.Group{ID: g.id, Name: name, Product: value(g.change.Product), Permissions: value(g.change.Permissions)}.Validate())
	o.metadataFaults(g.change.Metadata)
	return g
}

// groupOf is group for one that is declared within the product that it belongs to.
func (o *object) groupOf(p product) group {
	g := o.group()
	o.end()
	if said := g.change.Product; said != nil && *said != p.name && p.lines["name"] > 0 {
		o.bad(o.wrong("product", "must be "+p.name+" or left out, for the group is declared within that product"))
	}
	g.change.Product = &p.name
	if p.lines["name"] > 0 && o.lines["id"] > 0 && !strings.HasPrefix(g.id, p.name+"-") {
		o.bad(o.wrong("id", "must begin with "+p.name+"-, for the group belongs to that product"))
	}
	return g
}

// application is a declared application.
type application struct {
	place
	clientID, name string
	groups         *[]string
	change         registry.ApplicationChange
	secret         string // empty: not declared
	keepOldFor     time.Duration
}

func (o *object) application() application {
	a := application{
		place: o.place, clientID: o.need("clientId", "application"), name: o.need("name", "product"),
		groups: o.groups("groups"),
		change: registry.ApplicationChange{
			Description: o.text("description"), DisplayName: o.text("displayName"), PolicyURI: o.text("policyUri"), TOSURI: o.text("tosUri"),
			Public: o.flag("public"), Disabled: o.flag("disabled"), Trusted: o.flag("trusted"), RequirePAR: o.flag("requirePushedAuthorizationRequests"),
			GrantTypes: o.texts("grantTypes"), Scopes: o.texts("scopes"), Audiences: o.texts("audiences"),
			RedirectURIs: o.texts("redirectUris"), PostLogoutRedirectURIs: o.texts("postLogoutRedirectUris"),
			AllowedOrigins: o.texts("allowedOrigins"), TokenEndpointAuthMethod: o.text("tokenEndpointAuthMethod"),
			JWKS: o.document("jwks"), JWKSURI: o.text("jwksUri"), IDTokenAlg: o.text("idTokenSignedResponseAlg"),
			BackchannelLogoutURI: o.text("backchannelLogoutUri"), FrontchannelLogoutURI: o.text("frontchannelLogoutUri"),
			SubjectType: o.text("subjectType"), SectorIdentifier: o.text("sectorIdentifierUri"), Claims: o.claims("claims"),
			AccessTokenLifetime: o.duration("accessTokenLifetime"), RefreshTokenLifetime: o.duration("refreshTokenLifetime"),
			SessionLifetime: o.duration("sessionLifetime"), Metadata: o.metadata("metadata"),
		},
		secret: o.clientSecret(), keepOldFor: value(o.duration("keepOldFor")),
	}
	if given := o.fields["clientSecret"] != nil || o.fields["clientSecretFile"] != nil; given && value(a.change.Public) {
		o.bad(o.wrong("public", "must be false, for a secret is given"))
	} else if given && !a.fresh().UsesSecret() {
		o.bad(o.wrong("tokenEndpointAuthMethod", "must not be private_key_jwt, for a secret is given"))
	}
	if a.keepOldFor < 0 || a.keepOldFor > registry.MaxKeepOld {
		o.bad(o.wrong("keepOldFor", "must be seconds, from 0 to 2592000"))
	}
	if a.clientID != identity.FirstPartyClientID { // what is not declared of a built-in one stays
		app := a.fresh()
		app.Metadata = nil
		o.faults(app.Validate())
	}
	o.metadataFaults(a.change.Metadata)
	return a
}

// groups reads the ids of groups, which are sorted.
func (o *object) groups(name string) *[]string {
	ids := o.texts(name)
	if ids == nil {
		return nil
	}
	o.faults(identity.User{Username: "user", Email: "user@example.com", Groups: *ids}.Validate())
	sorted := slices.Sorted(slices.Values(*ids))
	return &sorted
}

// fresh is the application as it is created: what is not declared has its default.
func (a application) fresh() identity.Application {
	app := identity.Application{ClientID: a.clientID, Name: a.name}
	a.change.Apply(&app)
	registry.Complete(&app)
	return app
}

// user is a declared user.
type user struct {
	place
	username               string
	change                 registry.UserChange // its e-mail address is declared
	password, passwordHash string              // of a user who does not exist; empty: not declared
}

func (o *object) user() user {
	email := o.need("email", "user@example.com")
	u := user{place: o.place, username: o.need("username", "user"), change: registry.UserChange{
		Email: &email, FirstName: o.text("firstName"), LastName: o.text("lastName"), Groups: o.texts("groups"), Disabled: o.flag("disabled"),
	}}
	u.password, u.passwordHash = o.secret("password"), value(o.text("passwordHash"))
	if u.passwordHash != "" {
		o.faults(identity.CheckPasswordHash(u.passwordHash))
		if u.password != "" {
			o.bad(o.wrong("passwordHash", "is given beside a password: leave one out"))
		}
	}
	o.faults(identity.User{
		Username: u.username, Email: email, FirstName: value(u.change.FirstName), LastName: value(u.change.LastName),
		Groups: value(u.change.Groups),
	}.Validate())
	return u
}

// faults notes what the rules have to say of the fields.
func (o *object) faults(err error) {
	if err == nil {
		return
	}
	fields := errors.From(err).Fields
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		o.bad(o.wrong(field, fields[field]))
	}
}

func (o *object) metadataFaults(metadata *map[string]any) {
	if metadata == nil {
		return
	}
	if err := identity.ValidateMetadata(*metadata); err != nil {
		fault := err.Identity()
		problem := fault.Fields["metadata"]
		if fault.Code != errors.IdentityMalformed {
			problem += ": " + fault.Message
		}
		o.bad(o.wrong("metadata", problem))
	}
}

// once notes what is declared more than once.
func (r *reader) once(f *File) {
	unique(r, f.products, "name", func(p product) (place, string) { return p.place, p.name })
	unique(r, f.groups, "id", func(g group) (place, string) { return g.place, g.id })
	unique(r, f.applications, "clientId", func(a application) (place, string) { return a.place, a.clientID })
	unique(r, f.users, "username", func(u user) (place, string) { return u.place, identity.UsernameKey(u.username) })
	unique(r, f.users, "email", func(u user) (place, string) { return u.place, identity.EmailKey(*u.change.Email) })
}

func unique[T any](r *reader, all []T, field string, of func(T) (place, string)) {
	first := make(map[string]place, len(all))
	for _, declared := range all {
		at, key := of(declared)
		if at.lines[field] == 0 { // it is missing, which was noted
			continue
		}
		if other, twice := first[key]; twice {
			r.bad(at.wrong(field, fmt.Sprintf("is declared already by %s in line %d", other.path, other.line)))
			continue
		}
		first[key] = at
	}
}

// value is what a pointer points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
