package oauth2

import (
	"gatehouse/errors"
	"gatehouse/server/device"
	"gatehouse/server/explain"
	"gatehouse/server/password"
)

// Parameters of the password grant by which a device that is no browser becomes
// known, and shows that it is: see package device.
const (
	rememberDevice = "remember_device"
	deviceToken    = "device_token"
)

// checkDevice refuses a remember_device that is neither yes nor no.
func (g *grant) checkDevice() error {
	switch g.param(rememberDevice) {
	case "", "true", "false":
		return nil
	}
	g.trail.Fail(explain.GrantFields, rememberDevice, "true or false")
	return errors.Malformed.On(map[string]string{rememberDevice: "must be true or false"})
}

// attempt is what the grant claims. A confidential application, which has
// authenticated by now, counts as an address of its own.
func (g *grant) attempt(devices device.Devices, username, secret string) password.Attempt {
	a := password.Attempt{Username: username, Password: secret, Address: g.Address}
	if app := g.session.App; !app.Public {
		a.Client = app.ClientID
	}
	if known, ok := devices.Read(g.param(deviceToken)); ok {
		a.Devices = []device.Device{known}
	}
	return a
}
