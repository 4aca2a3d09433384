package quota

import "net/netip"

// Giver is one of those who answer for an entry, and which part of the whole they
// may hold: one Share-th.
type Giver struct {
	Name  string
	Share int

	// closes: when its share is full, or it is the largest, Failures refuse what it
	// adds. For others the oldest of their own gives way.
	closes bool
}

// Half of each bound is for strangers, half for those who are known.
var (
	strangers = Giver{Name: "strangers", Share: 2}
	known     = Giver{Name: "known", Share: 2}
)

// network is the length of a prefix, and the share of all addresses in it.
type network struct{ bits, share int }

// The networks that answer for an address, the widest first. Whoever has one IPv6
// address usually has the /64, a site has a /56 or a /48, and many of each cost
// nothing; an IPv4 address may be that of thousands of people, and many of them
// are dear, so each has four times as much.
var (
	networks6 = []network{{48, 64}, {56, 128}, {64, 256}}
	networks4 = []network{{16, 16}, {24, 32}, {32, 64}}
)

// Stranger returns the givers of what came from an address, the widest first.
func Stranger(address string) []Giver {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return []Giver{strangers, {Name: address, Share: 64, closes: true}}
	}
	parsed = parsed.Unmap().WithZone("")
	of := networks6
	if parsed.Is4() {
		of = networks4
	}
	givers := make([]Giver, 0, 1+len(of))
	givers = append(givers, strangers)
	for _, n := range of {
		prefix, _ := parsed.Prefix(n.bits) // fails only for more bits than there are
		givers = append(givers, Giver{Name: prefix.String(), Share: n.share, closes: true})
	}
	return givers
}

// Application returns the givers of what an application left that has
// authenticated by a secret or a key.
func Application(clientID string) []Giver { return []Giver{known, {Name: clientID, Share: 8}} }

// User returns the givers of what somebody left who is signed in.
func User(userID string) []Giver { return []Giver{known, {Name: userID, Share: 64}} }
