package web

import "github.com/labstack/echo/v4"

// Told is an error that does not become a body but is told in another way, as
// those of authorization requests are, which go to the application.
type Told interface {
	error
	// Tell answers with the error in the terms of RFC 6749 §4.1.2.1: its name there,
	// what is wrong, and the address that explains it.
	Tell(c echo.Context, name, description, uri string) error
}
