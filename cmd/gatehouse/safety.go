package main

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"gatehouse/errors"
	"gatehouse/storage/sqlstore"
)

// minMasterSecret is the fewest characters of a master secret.
const minMasterSecret = 32

// fitToServe adds to what is wrong why serve must not start, and returns it all.
func (l *loaded) fitToServe(wrong error) error {
	var all mistakes
	if wrong != nil && !errors.As(wrong, &all) {
		return wrong
	}
	for _, m := range l.unsafe() {
		if !slices.ContainsFunc(all, func(known mistake) bool { return known.key == m.key }) {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// unsafe is why `serve` without --dev must not start: mistakes that would let
// strangers in, each with what to set instead.
func (l *loaded) unsafe() mistakes {
	var found mistakes
	if len(l.MasterSecret) == 0 {
		found = append(found, mistake{key: "master_secret", problem: "is not set, and nothing can be encrypted without it. " +
			"Run: (umask 077; openssl rand -hex 32 >master-secret) and set GATEHOUSE_MASTER_SECRET_FILE to the path of that file"})
	}
	switch issuer, err := url.Parse(l.Tokens.Issuer); {
	case l.Tokens.Issuer == "":
		found = append(found, mistake{key: "issuer", problem: "is not set. Set GATEHOUSE_ISSUER (or --issuer) to the URL " +
			"under which clients reach this server, such as https://auth.example.com, or run gatehouse serve --dev to try it on this machine alone"})
	case err == nil && issuer.Scheme == "http" && !loopback(issuer.Hostname()):
		found = append(found, mistake{
			"issuer", l.sources["issuer"], l.Tokens.Issuer + " is plain http, so passwords and tokens " +
				"could be read on the way. Put TLS in front of the server and set GATEHOUSE_ISSUER to the https address",
			"https://" + issuer.Host,
		})
	}
	return append(found, l.exposed...)
}

// warnings names the settings in force that weaken security, each with how. What
// --dev brings along by itself is not among them.
func (l *loaded) warnings() map[string]string {
	found := map[string]string{}
	for _, s := range l.table {
		if s.weak == nil || l.sources[s.key].kind == "dev" {
			continue
		}
		if how := s.weak(); how != "" {
			found[s.key] = how
		}
	}
	for _, m := range l.exposed {
		found[m.key] = m.problem
	}
	return found
}

// loopback says whether a host is this machine and nothing else (RFC 6761 §6.3).
func loopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func (c *config) weakIssuer() string {
	return when(strings.HasPrefix(c.Tokens.Issuer, "http://"), "is plain http: only programs on this machine can use it safely")
}

func (c *config) weakAudience() string {
	return when(c.Tokens.AcceptEndpointAudience, "is true: a client assertion that another server asked for can be good here")
}

func (c *config) weakDatabase() string {
	if c.sqlitePath() != "" {
		return ""
	}
	return sqlstore.WeakTLS(c.DSN.Reveal())
}

func (c *config) weakPolicy() string {
	return when(c.Policy.AllowCommon, "is false: passwords that attackers try first are accepted")
}

func (c *config) weakLogin() string {
	return when(c.Throttle.Failures == 0, "is 0: no account is frozen however many passwords are tried")
}

func (c *config) weakLoginAddress() string {
	return when(c.Throttle.AddressFailures == 0, "is 0: one address may try passwords on any number of accounts")
}

func (c *config) weakRateLimit() string {
	return when(c.RateLimit.PerMinute == 0, "is 0: one address may send any number of requests to the token endpoints")
}

func (c *config) weakProxies() string {
	for _, network := range c.TrustedProxies {
		if network.Bits() == 0 {
			return "holds " + network.String() + ": any client can claim any address, which voids limits by address"
		}
	}
	return ""
}

func (c *config) weakOutbound() string {
	for _, network := range c.Outbound.AllowPrivate {
		if network.Bits() == 0 {
			return "holds " + network.String() + ": who may register applications can have this server ask whatever it can reach"
		}
	}
	return ""
}

func (c *config) weakCORS() string {
	for _, origin := range c.CORSOrigins {
		if origin == "*" {
			return "holds *: pages of any site may call /v1 with a token they have got"
		}
	}
	return ""
}

func when(weak bool, how string) string {
	if weak {
		return how
	}
	return ""
}
