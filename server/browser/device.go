package browser

import (
	"github.com/labstack/echo/v4"

	"gatehouse/server/device"
)

// KnownDevices returns what the browser is, as a device, for each of the users who
// have signed in there, the latest first. Signing out changes nothing of it.
func (b *Browsers) KnownDevices(c echo.Context) []device.Device {
	return b.Devices.ReadAll(b.deviceTokens(c))
}

// rememberDevice has the browser keep a token.
func (b *Browsers) rememberDevice(c echo.Context, token string) {
	if token == "" {
		return
	}
	b.setCookie(c, deviceCookie, b.Devices.Remember(b.deviceTokens(c), token), device.Life)
}

func (b *Browsers) deviceTokens(c echo.Context) string {
	cookie, err := c.Cookie(b.name(deviceCookie))
	if err != nil {
		return ""
	}
	return cookie.Value
}
