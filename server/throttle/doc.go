// Package throttle makes guessing passwords slow: it counts failed sign-ins by
// account and by address, delays the next attempt a little longer after each,
// and after a number of them freezes the account or address for a while, during
// which every answer is the one that a wrong password gets. The counts are in
// the database, so all nodes share them.
//
// A device that the user has signed in from before is counted by itself, in
// place of its account: strangers cannot lock it out, whatever they do to the
// account or the address, and its own failures do not freeze the account for
// others, though they count for its address. Usernames that nobody has are counted like those
// that somebody has, so that a freeze tells nothing.
//
// Attempts on one account are evaluated one at a time on a node, and those from
// a known device no more at once than it has failures left, so that guesses sent
// in parallel do not get past the limit. What remains: each further node may
// let one guess more (from a known device: as many as are left) through in the
// moment before the limit is reached, and guesses from one address at different
// accounts may exceed the address's limit by as many as run at the same time.
//
// How often anybody may ask at all is ratelimit's business.
package throttle
