package throttle

import (
	"fmt"
	"net/netip"

	"gatehouse/identity"
	"gatehouse/server/device"
	"gatehouse/server/web"
)

// Attempt is one try to prove who somebody is. Its parts may be anything that came
// from outside, but for Client, Devices and Session, which were checked.
type Attempt struct {
	Username string
	Address  string // where it came from; empty if that is not known

	// Client is the client id of a confidential application that has authenticated and
	// asks for its users; empty: none. It stands for the address that all of them share.
	Client  string
	Devices []device.Device // whose tokens it shows
	// Session is the session in which a user changes their password; empty: it is a
	// sign-in. It is counted by that alone, like a known device.
	Session string
}

// network is where an attempt came from, more or less widely.
type network struct {
	name   string
	factor int // so many times the failures of the narrowest freeze it
}

// networks are where the attempt came from, the narrowest first. Who has an IPv6
// network has up to 65 536 of the narrowest, and would have as many times the
// guesses if nothing wider counted.
func (a Attempt) networks() []network {
	if a.Client != "" {
		return []network{{"client:" + a.Client, 1}}
	}
	address, err := netip.ParseAddr(a.Address)
	if err != nil || !address.Is6() || address.Is4In6() {
		return []network{{a.Address, 1}}
	}
	all := make([]network, 0, 3)
	for _, n := range []struct{ bits, factor int }{{64, 1}, {56, 4}, {48, 16}} {
		prefix, _ := address.WithZone("").Prefix(n.bits) // which an IPv6 address has
		all = append(all, network{prefix.String(), n.factor})
	}
	return all
}

func (a Attempt) account() string { return identity.UsernameKey(a.Username) }

func (a Attempt) pairKey(n network) string { return fmt.Sprintf("pair:%s|%s", a.account(), n.name) }

// slowKey is what the delay is counted by.
func (a Attempt) slowKey() string {
	if a.Session != "" {
		return "change:" + a.account()
	}
	return "account:" + a.account()
}

func (a Attempt) sessionKey() string { return "session:" + a.Session }

// addressKey is what the failures at all accounts are counted by; empty: by nothing.
// Those of a confidential application's users are not counted together: it is known
// and has one address for all of them, so whoever mistypes would freeze everyone.
func (a Attempt) addressKey() string {
	if _, err := netip.ParseAddr(a.Address); err != nil || a.Client != "" {
		return ""
	}
	return "address:" + web.AddressKey(a.Address)
}

func deviceKey(d device.Device) string { return "device:" + d.ID }

// gateKey is where an attempt of a stranger waits for others: all that count in one
// of its networks do.
func (a Attempt) gateKey() string {
	networks := a.networks()
	return a.pairKey(networks[len(networks)-1])
}
