// Package quota bounds what requests from outside can have this node store.
//
// A Bound holds, for one kind of entry, what was stored, how large it is and who
// gave it: for a stranger the networks of the address, for an application that
// has authenticated or a user who has signed in, that one. Each giver has a
// share of the whole. When a share is full, what gives way is the oldest entry of
// the giver within it that has used most of its own share, and so on down to the
// smallest network. So nobody is pushed out by a neighbour who holds less, a flood
// pushes out itself, and strangers never push out those who are known.
//
// Failures are the exception: a network that holds all it may is refused.
//
// The counts are in memory, of this node, and start from nothing with it. What is
// to give way is returned; removing it is the caller's business.
package quota
