package identity

import (
	"net/url"
	"slices"
	"strings"
)

// validateSignOn checks what the application knows its users by, what their
// browsers load when they sign out, and what pages say of it.
func (a Application) validateSignOn(f *faults) {
	f.want("subjectType", slices.Contains([]string{"", SubjectPublic, SubjectPairwise}, a.SubjectType), "must be public or pairwise")
	f.want("sectorIdentifierUri", a.SectorIdentifier == "" || isWebAddress(a.SectorIdentifier) && strings.HasPrefix(a.SectorIdentifier, "https:"),
		"must be https, without a fragment")
	f.want("sectorIdentifierUri", !a.Pairwise() || a.Sector() != "",
		"must be given, for the subject type is pairwise and the redirect URIs have not one host in common")
	if a.FrontchannelLogoutURI != "" {
		f.want("frontchannelLogoutUri", isWebAddress(a.FrontchannelLogoutURI), webAddress)
		f.want("frontchannelLogoutUri", slices.ContainsFunc(a.RedirectURIs, func(uri string) bool { return sameOrigin(uri, a.FrontchannelLogoutURI) }),
			"must have scheme, host and port of one of the redirectUris")
	}
	f.want("policyUri", a.PolicyURI == "" || isWebAddress(a.PolicyURI), webAddress)
	f.want("tosUri", a.TOSURI == "" || isWebAddress(a.TOSURI), webAddress)
}

// sameOrigin says whether two web addresses have scheme, host and port in common.
func sameOrigin(one, other string) bool {
	a, errA := url.Parse(one)
	b, errB := url.Parse(other)
	return errA == nil && errB == nil && a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

// portOf is the port of a web address, whether it is written or not.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}
