// Package templates holds the pages that people see, with one typed struct for
// each, and the files that pages refer to. Everything is embedded; the names of
// assets carry a hash of their content, so that browsers may keep them forever.
//
// Pages have no scripts and no inline styles: the Content-Security-Policy that
// they are sent with, see ContentSecurityPolicy, allows neither.
package templates
