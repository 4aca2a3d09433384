package web

import "github.com/labstack/echo/v4"

// Told is an error that does not become a body but is told in another way, as
// those of authorization requests are, which go to the application, and those of
// forms, which are shown once more.
type Told interface {
	error
	// Tell answers with the error.
	Tell(c echo.Context, t Telling) error
}

// Telling is an error in the terms of RFC 6749 §4.1.2.1, and of HTTP.
type Telling struct {
	Name        string // of RFC 6749: "access_denied"
	Description string // what is wrong
	URI         string // the address that explains it
	Status      int    // of an answer that is not a redirect
	RetryAfter  int    // seconds to wait before another try; 0: waiting is no help
}
