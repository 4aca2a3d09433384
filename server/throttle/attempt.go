package throttle

import (
	"gatehouse/identity"
	"gatehouse/server/web"
)

// Attempt is one try to sign in. Its parts may be anything that came from outside.
type Attempt struct {
	Username string
	Address  string // where it came from; empty if that is not known
	Device   string // what tells the user's devices apart; empty for none
}

func (a Attempt) accountKey() string { return "account:" + identity.UsernameKey(a.Username) }

func (a Attempt) addressKey() string { return "address:" + web.AddressKey(a.Address) }

func (a Attempt) deviceKey() string {
	return "device:" + identity.UsernameKey(a.Username) + "|" + a.Device
}
