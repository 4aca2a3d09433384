package caller

import (
	"slices"

	"gatehouse/identity"
	"gatehouse/identity/permissions"
	"gatehouse/identity/registry"
	"gatehouse/server/bearer"
)

// Caller is who calls with an access token.
type Caller struct{ *bearer.Token }

// Of returns who calls with a token that was verified.
func Of(token *bearer.Token) Caller { return Caller{token} }

// Consented says whether the token rests on a consent: it does what its user was
// asked about on the consent page, and nothing else.
func (c Caller) Consented() bool { return c.User != nil && c.Authority != identity.AuthorityOwn }

// MayAdminister says whether the identity API is open to the caller, as far as
// its permissions go.
func (c Caller) MayAdminister() bool { return !c.Consented() }

// MayKnowOf says whether the caller may know and end what its user has at an
// application: sessions and consents.
func (c Caller) MayKnowOf(clientID string) bool {
	return !c.Consented() || c.Application.ClientID == clientID
}

// MayRead says whether the caller is told what a scope brings of its user where no
// scope was asked for.
func (c Caller) MayRead(scope string) bool { return !c.Consented() || c.HasScope(scope) }

// Asker is the caller as one who asks what subjects may do.
func (c Caller) Asker() permissions.Asker {
	switch {
	case c.User == nil:
		return permissions.Asker{ClientID: c.Application.ClientID}
	case c.Consented():
		return permissions.Asker{UserID: c.User.ID, Known: c.Subject, Consented: true, Products: c.products()}
	}
	return permissions.Asker{UserID: c.User.ID, Known: c.Subject}
}

// products are those at which the token's user lets the application act. Its own
// client id, an audience of each of its tokens, is none, whatever it looks like.
func (c Caller) products() []string {
	audience := slices.DeleteFunc(slices.Clone(c.Audience), func(one string) bool { return one == c.Application.ClientID })
	return identity.ScopedProducts(c.Scopes, audience)
}

// Actor is the caller as one who changes identities, from an IP address and by the
// request with an id. What a user may do follows from the groups that they are in
// now, whatever the token says.
func (c Caller) Actor(address, requestID string) registry.Actor {
	actor := registry.Actor{Address: address, RequestID: requestID}
	if c.User != nil {
		actor.Type, actor.ID, actor.Name, actor.Groups = registry.ActorUser, c.User.ID, c.User.Username, c.User.Groups
		return actor
	}
	app := c.Application
	actor.Type, actor.ID, actor.Name = registry.ActorApplication, app.ClientID, app.Name
	actor.Groups = app.ActsIn()
	return actor
}
