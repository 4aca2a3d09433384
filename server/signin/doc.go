// Package signin shows people the pages on which they do their part of an
// authorization request: /login, /accounts and /consent.
//
// A page belongs to an interaction, which is bound to the browser. Its form is
// checked, its part done and the interaction saved; then the browser goes on to
// /oauth2/authorize, which alone decides what comes next. It gets there by a page
// that refreshes itself, for browsers hold a redirect that follows a form to the
// form's policy, however many there are.
package signin
