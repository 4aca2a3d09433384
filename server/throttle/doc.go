// Package throttle makes guessing passwords slow. It counts failed sign-ins and,
// after a number of them, refuses the guesser for a while with the answer that a
// wrong password gets. The counts are in the database, so all nodes share them.
//
// It punishes the guesser, not the owner:
//
//   - A known device (see package device) is counted by itself. Nothing that others
//     do to the account or the address delays or freezes it, and its own failures
//     freeze it alone.
//   - Everybody else is a stranger. Their failures freeze the pair of account and
//     address: an IPv6 address by its /64, with 4 times the failures by its /56, and
//     with 16 times by its /48. A confidential application that signs people in
//     stands for the address of all of them. So guesses through it keep those of its
//     users out of it, and of nothing else, for whom it sends no device token.
//   - Strangers' failures at an account delay the strangers after them, wherever
//     they are, and never freeze it.
//   - An address with many failures at all accounts together is frozen for strangers.
//   - A change of the password is counted by the session that it is made in.
//
// Usernames that nobody has are counted like those that somebody has, so that a
// freeze tells nothing. Any frozen pair or device of a user shows in users.frozen_until,
// which nothing here rests on. An unlock lets a user's failures until then count for nothing.
//
// Of attempts that are counted together no more are evaluated at once on a node than
// there are failures left, so that guesses sent in parallel do not get past the
// limit; others do not wait for them. What remains: each further node may let as
// many through in the moment before the limit is reached, and guesses from one
// address at different accounts may exceed the address's limit by as many as run
// at the same time.
//
// How often anybody may ask at all is ratelimit's business.
package throttle
