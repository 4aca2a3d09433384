package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks of reverse proxies whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// ParseProxies reads addresses ("10.0.0.7") and networks ("10.0.0.0/8").
func ParseProxies(list []string) (Proxies, error) {
	var proxies Proxies
	for _, text := range list {
		prefix, err := parsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is neither an address nor a network", text)
		}
		proxies = append(proxies, prefix.Masked())
	}
	return proxies, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	address = address.Unmap().WithZone("")
	return address.Prefix(address.BitLen())
}

// ClientAddress returns the address of the client, without port or zone: the
// direct peer, unless that is a trusted proxy; then the right-most address of
// X-Forwarded-For that is not one. It is "" when the peer has no address.
func (p Proxies) ClientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	host, _, _ = strings.Cut(host, "%")
	if len(p) == 0 {
		return host
	}
	peer, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	return p.behind(peer.Unmap(), r.Header.Values("X-Forwarded-For")).String()
}

// behind walks from the peer towards the client for as long as the hop that
// vouches for the next address is trusted.
func (p Proxies) behind(hop netip.Addr, forwarded []string) netip.Addr {
	for _, line := range slices.Backward(forwarded) {
		for _, entry := range slices.Backward(strings.Split(line, ",")) {
			if !p.trust(hop) {
				return hop
			}
			next, err := parseHop(strings.TrimSpace(entry))
			if err != nil {
				return hop
			}
			hop = next
		}
	}
	return hop
}

func (p Proxies) trust(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(address) })
}

// parseHop reads an address as proxies write it: bare, or with a port.
func parseHop(entry string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(entry); err == nil {
		return withPort.Addr().Unmap().WithZone(""), nil
	}
	address, err := netip.ParseAddr(strings.Trim(entry, "[]"))
	return address.Unmap().WithZone(""), err
}

// SameNetwork says whether two addresses are near each other: in one /16 of IPv4, or
// one /48 of IPv6, which is what a provider gives a site. What is no address is near nothing.
func SameNetwork(a, b string) bool {
	first, err := netip.ParseAddr(a)
	if err != nil {
		return false
	}
	second, err := netip.ParseAddr(b)
	if err != nil {
		return false
	}
	bits := 48
	if first = first.Unmap().WithZone(""); first.Is4() {
		bits = 16
	}
	network, err := first.Prefix(bits)
	return err == nil && network.Contains(second.Unmap().WithZone(""))
}

// AddressKey groups addresses of one subscriber for counting: an IPv6 address
// stands for its /64 network, anything else for itself.
func AddressKey(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil || !parsed.Is6() || parsed.Is4In6() {
		return address
	}
	network, err := parsed.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}

// NetworksAround returns the networks that an AddressKey of IPv6 is in, the smallest
// first: whoever has one /64 may well have a /56 or a /48. Those of an IPv4 address
// belong to others, and there are none of it here.
func NetworksAround(key string) []string {
	text, found := strings.CutSuffix(key, "/64")
	if !found {
		return nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return nil
	}
	networks := make([]string, 0, 2)
	for _, bits := range []int{56, 48} {
		if network, err := address.Prefix(bits); err == nil {
			networks = append(networks, network.String())
		}
	}
	return networks
}
