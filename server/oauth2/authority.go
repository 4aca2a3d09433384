package oauth2

import (
	"gatehouse/identity"
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

// releasedBy are the mappings to claims that a session released. Of one that an
// earlier release began it is known only while its application stays as it was.
func releasedBy(row storage.Session, app *identity.Application) []string {
	if row.Authority == "" && app.UpdatedAt.Before(row.CreatedAt) {
		return released(app.Claims)
	}
	return row.Released
}

// released identifies mappings to claims as sessions and tokens do.
func released(mappings []identity.Claim) []string {
	if len(mappings) == 0 {
		return nil
	}
	ids := make([]string, len(mappings))
	for i, one := range mappings {
		ids[i] = one.Released()
	}
	return ids
}
