// Package directory is what this node remembers of users, applications and
// revocations, so that checking a token it has seen costs no statement.
//
// It follows the change feed: a change drops what was remembered of the thing,
// and a value read before a change is never remembered after it. While the feed
// is not fresh nothing is answered from memory. Negative answers are not
// remembered, so an unknown id costs one read each time and fills nothing.
package directory
