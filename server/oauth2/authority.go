package oauth2

import (
	"slices"

	"gatehouse/identity"
	"gatehouse/server/claims"
	"gatehouse/storage"
)

// authorityOf is the authority that a session began with. An earlier release did
// not write it down: only the password grant began sessions without a browser, and
// for any other the application must have been trusted then, as it is now.
func authorityOf(row storage.Session, app *identity.Application) identity.Authority {
	switch {
	case row.Authority != "":
		return row.Authority
	case row.BrowserID == "":
		return identity.AuthorityOwn
	case app.UpdatedAt.Before(row.CreatedAt):
		return app.SignInAuthority()
	}
	return identity.AuthorityConsent
}

// releasedBy is what a session released beside its scopes. Of one that an earlier
// release began it is known only while its application stays as it was.
func releasedBy(row storage.Session, app *identity.Application, asked claims.Asked) []string {
	if row.Authority == "" && app.UpdatedAt.Before(row.CreatedAt) {
		return released(app.Claims, asked.Names(app))
	}
	return row.Released
}

// released is what a session releases beside its scopes: mappings to claims, and
// claims asked for by name (OpenID Connect Core §5.5).
func released(mappings []identity.Claim, names []string) []string {
	if len(mappings)+len(names) == 0 {
		return nil
	}
	all := make([]string, 0, len(mappings)+len(names))
	for _, one := range mappings {
		all = append(all, one.Released())
	}
	return append(all, names...)
}

// withoutProducts leaves out the names of products: to those who consented to them
// at an earlier release they were texts like any other.
func withoutProducts(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool {
		_, names := identity.ScopedProduct(text)
		return names
	})
}
