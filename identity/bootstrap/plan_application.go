package bootstrap

import (
	"context"
	"maps"
	"slices"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

func (p *plan) planApplications() error {
	products := maps.Clone(p.now.products)
	for _, declared := range p.file.products {
		products[declared.name] = identity.Product{}
	}
	for _, declared := range p.file.applications {
		if _, there := products[declared.name]; !there {
			m := declared.wrong("name", "is no product, neither in the file nor in the database")
			m.Written, m.Names = declared.name, slices.Sorted(maps.Keys(products))
			p.wrong = append(p.wrong, m)
			continue
		}
		plan := p.planNewApplication
		if _, there := p.now.applications[declared.clientID]; there {
			plan = p.planApplication
		}
		if err := plan(declared); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) planNewApplication(declared application) error {
	app := declared.fresh()
	app.Groups = value(declared.groups)
	p.joinable(declared)
	if declared.clientID == identity.FirstPartyClientID {
		p.wrong = append(p.wrong, declared.wrong("clientId", "is that of the built-in application, which the first start of a server creates"))
		return nil
	}
	fields, err := diff("clientId", nil, wire.FromApplication(app, ""))
	if err != nil {
		return err
	}
	p.effect.application(nil, &app)
	c := Change{Action: Create, Kind: KindApplication, Name: declared.clientID, Fields: fields, place: declared.place}
	if app.UsesSecret() {
		c.Fields = append(c.Fields, Field{"clientSecret", nil, p.secretOf(declared)})
	}
	c.run = func(ctx context.Context) error {
		created, secret, err := p.Registry.CreateApplication(ctx, registry.NewApplication{Application: app, Secret: declared.secret})
		p.madeSecret(declared, secret)
		if err != nil {
			return err
		}
		return p.join(ctx, created.ID, nil, app.Groups)
	}
	p.add(c)
	return nil
}

// planApplication compares a declared application with what it is now. Whether it
// is disabled stays when the file does not say, so that what was switched off in
// an emergency stays off; so do its secret, and the groups that it is a member of.
func (p *plan) planApplication(declared application) error {
	now := p.now.applications[declared.clientID]
	if now.Name != declared.name {
		p.wrong = append(p.wrong, declared.wrong("name", "cannot change: the application belongs to "+now.Name+"; delete it first, or declare another clientId"))
		return nil
	}
	app := declared.fresh()
	if now.BuiltIn {
		app = now
		declared.change.Apply(&app)
	}
	if declared.change.Disabled == nil {
		app.Disabled = now.Disabled
	}
	app.Groups = now.Groups
	set(&app.Groups, declared.groups)
	p.joinable(declared)
	fields, err := diff("clientId", wire.FromApplication(now, ""), wire.FromApplication(app, ""))
	if err != nil {
		return err
	}
	p.effect.application(&now, &app)
	rotates := p.rotates(now, app, declared)
	if len(fields) == 0 && !rotates {
		return nil
	}
	c := Change{Action: Update, Kind: KindApplication, Name: declared.clientID, Fields: fields, place: declared.place}
	if rotates {
		c.Fields = append(c.Fields, Field{"clientSecret", nil, p.secretOf(declared)})
		if len(now.Secrets) > 0 {
			c.Fields[len(c.Fields)-1].After = Changed
		}
	}
	c.run = func(ctx context.Context) error {
		if len(fields) > 0 {
			if _, err := p.Registry.UpdateApplication(ctx, now.ID, changeTo(app), registry.Versions{now.Version}); err != nil {
				return err
			}
		}
		if err := p.join(ctx, now.ID, now.Groups, app.Groups); err != nil {
			return err
		}
		if !rotates {
			return nil
		}
		_, secret, err := p.Registry.RotateSecret(ctx, now.ID, declared.secret, declared.keepOldFor, nil)
		p.madeSecret(declared, secret)
		return err
	}
	p.add(c)
	return nil
}

// joinable notes groups that an application is to be a member of and cannot be.
func (p *plan) joinable(declared application) {
	for _, id := range value(declared.groups) {
		_, there := p.now.groups[id]
		there = there || slices.ContainsFunc(p.file.groups, func(g group) bool { return g.id == id })
		switch {
		case !there:
			p.wrong = append(p.wrong, declared.wrong("groups", id+" is no group, neither in the file nor in the database"))
		case p.productOf(id) != "":
			p.wrong = append(p.wrong, declared.wrong("groups", id+" belongs to a product: an application can be a member only of groups of no product"))
		}
	}
}

// join makes an application a member of the groups that it is to be in, and of no others.
func (p *plan) join(ctx context.Context, applicationID string, now, then []string) error {
	for _, id := range now {
		if !slices.Contains(then, id) {
			if err := p.Registry.RemoveApplication(ctx, id, applicationID); err != nil {
				return err
			}
		}
	}
	for _, id := range then {
		if !slices.Contains(now, id) {
			if err := p.Registry.AddApplication(ctx, id, applicationID); err != nil {
				return err
			}
		}
	}
	return nil
}

// rotates says whether the application needs another secret than it has.
func (p *plan) rotates(now, app identity.Application, declared application) bool {
	if !app.UsesSecret() {
		return false
	}
	if len(now.Secrets) == 0 || now.Public {
		return true
	}
	if declared.secret == "" {
		return false
	}
	ok, _ := p.VerifySecret(declared.secret, now.Secrets[0].Hash)
	return !ok
}

// secretOf says what becomes of a new secret.
func (p *plan) secretOf(declared application) Unseen {
	if declared.secret != "" {
		return Set
	}
	if p.Closed {
		p.wrong = append(p.wrong, declared.wrong("clientSecret", "is not given, and there is nobody to show one to that is made up: "+
			"give clientSecretFile, or run gatehouse apply once"))
	}
	return MadeUp
}

// madeSecret notes a secret that was made up.
func (p *plan) madeSecret(declared application, secret string) {
	if declared.secret == "" && secret != "" {
		p.made = append(p.made, Credential{KindApplication, declared.clientID, "clientSecret", secret})
	}
}

// changeTo is the change that makes any application of the same client id and
// product like this one.
func changeTo(a identity.Application) registry.ApplicationChange {
	return registry.ApplicationChange{
		Description: &a.Description, DisplayName: &a.DisplayName, PolicyURI: &a.PolicyURI, TOSURI: &a.TOSURI,
		Public: &a.Public, Disabled: &a.Disabled, Trusted: &a.Trusted, RequirePAR: &a.RequirePAR,
		GrantTypes: &a.GrantTypes, Scopes: &a.Scopes, Audiences: &a.Audiences,
		RedirectURIs: &a.RedirectURIs, PostLogoutRedirectURIs: &a.PostLogoutRedirectURIs, AllowedOrigins: &a.AllowedOrigins,
		TokenEndpointAuthMethod: &a.TokenEndpointAuthMethod, JWKS: &a.JWKS, JWKSURI: &a.JWKSURI,
		IDTokenAlg: &a.IDTokenSignedResponseAlg, BackchannelLogoutURI: &a.BackchannelLogoutURI,
		FrontchannelLogoutURI: &a.FrontchannelLogoutURI, SubjectType: &a.SubjectType, SectorIdentifier: &a.SectorIdentifier, Claims: &a.Claims,
		AccessTokenLifetime: &a.AccessTokenLifetime, RefreshTokenLifetime: &a.RefreshTokenLifetime,
		SessionLifetime: &a.SessionLifetime, Metadata: &a.Metadata,
	}
}
