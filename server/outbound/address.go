package outbound

import "net/netip"

// nat64 stands for the IPv4 internet in IPv6 (RFC 6052 §2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// internet6 is what of IPv6 is given out for the public internet (RFC 4291 §2.4).
var internet6 = netip.MustParsePrefix("2000::/3")

// special are the ranges that are not of the public internet, or lead out of it
// (RFC 6890 and the registries that it began), beside those that netip knows.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by providers and their customers
	netip.MustParsePrefix("192.0.0.0/24"),    // protocols
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
	netip.MustParsePrefix("2001::/23"),       // protocols, Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4, which holds an IPv4 address
	netip.MustParsePrefix("3fff::/20"),       // documentation
}

// Allows says whether requests may go to an address, whatever form it is written in.
func (c Config) Allows(to netip.Addr) bool {
	to = to.WithZone("").Unmap()
	if nat64.Contains(to) {
		embedded := to.As16()
		return c.Allows(netip.AddrFrom4([4]byte(embedded[12:])))
	}
	return within(c.AllowPrivate, to) || public(to)
}

// public says whether an address is one of the public internet.
func public(to netip.Addr) bool {
	if !to.IsGlobalUnicast() || to.IsPrivate() || within(special, to) {
		return false
	}
	return to.Is4() || internet6.Contains(to)
}

func within(networks []netip.Prefix, to netip.Addr) bool {
	for _, network := range networks {
		if network.Contains(to) {
			return true
		}
	}
	return false
}
