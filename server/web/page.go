package web

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"gatehouse/templates"
)

// WritePage answers with a page that people see on their way to an application.
// Such a page is for one person and one time, and stands in no frame. The other
// headers that it needs all answers have.
func WritePage(c echo.Context, status int, page templates.Page) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentSecurityPolicy, page.Policy)
	header.Set(echo.HeaderXFrameOptions, "DENY")
	header.Set("Content-Language", page.Language)
	return c.HTMLBlob(status, page.Body)
}

// Alone keeps windows of other sites that opened the one of this answer, or were
// opened by it, from reaching into it.
func Alone(c echo.Context) { c.Response().Header().Set("Cross-Origin-Opener-Policy", "same-origin") }

// SetRetryAfter says in how many seconds another try makes sense; 0: nothing.
func SetRetryAfter(c echo.Context, seconds int) {
	if seconds > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(seconds))
	}
}
