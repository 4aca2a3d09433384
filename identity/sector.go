package identity

import (
	"net/url"
	"strings"
)

// Pairwise says whether the application knows its users by a sub that only
// applications of its Sector know.
func (a Application) Pairwise() bool { return a.SubjectType == SubjectPairwise }

// Sector is the host that tells which applications know a user by the same
// pairwise sub (OpenID Connect Core §8.1): that of the SectorIdentifier or,
// without one, that of all redirect URIs. It is empty when these have not one
// host in common.
func (a Application) Sector() string {
	if a.SectorIdentifier != "" {
		return hostOf(a.SectorIdentifier)
	}
	sector := ""
	for i, uri := range a.RedirectURIs {
		host := hostOf(uri)
		if i > 0 && host != sector {
			return ""
		}
		sector = host
	}
	return sector
}

// hostOf is the host of an address without its port, in lower case; empty: it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
