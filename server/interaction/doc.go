// Package interaction keeps authorization requests that wait for a person: to sign
// in, to choose an account, to consent. Each page reads the interaction, adds what
// the person did, and sends them back to /oauth2/authorize, which alone decides
// what comes next.
//
// An interaction that has just begun is in no row: its ID is its state, sealed and
// bound to the browser. The first page that saves something inserts a row, which
// from then on counts instead of what is sealed. A request too large for an address
// has a row from its beginning, and an ID of 256 random bits. After its end the row
// stays, without the state, until it expires, so that no sealed ID is good twice; for
// that nothing may push it out, so a Bound does not count it.
package interaction
