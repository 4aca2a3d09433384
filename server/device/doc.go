// Package device knows the devices that users have signed in from, by tokens that
// it signs and the devices keep. A token is worth something for one user, for as
// long as they sign in by what they signed in by then, and until it expires. The
// server stores nothing of it: whoever changes a password takes back all tokens.
//
// What a known device is good for is throttle's business: it proves nobody's identity.
package device
