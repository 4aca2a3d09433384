package throttle

import (
	"net/netip"

	"gatehouse/identity"
)

// Attempt is one try to sign in. Its parts may be anything that came from outside.
type Attempt struct {
	Username string
	Address  string // where it came from; empty if that is not known
	Device   string // what tells the user's devices apart; empty for none
}

// Network is what an address is counted by: an IPv6 host has a /64 to itself
// and may use any address of it; an IPv4 address stands for itself.
func Network(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	addr = addr.WithZone("").Unmap()
	if addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}

func (a Attempt) accountKey() string { return "account:" + identity.UsernameKey(a.Username) }
func (a Attempt) addressKey() string { return "address:" + Network(a.Address) }

func (a Attempt) deviceKey() string {
	return "device:" + identity.UsernameKey(a.Username) + "|" + a.Device
}
