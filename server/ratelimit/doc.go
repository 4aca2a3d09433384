// Package ratelimit bounds how often each client, told apart by a key such as
// its address, may ask, and how often all within a larger network. Every key has a bucket of tokens that refills steadily;
// a request takes one. The decision is made in memory, at once. Every second a
// node tells the database what its clients took and takes from its own buckets
// what they took elsewhere, so that all nodes together stay near the limit: the
// excess is what a client can take from the other nodes within that second, and
// it is paid back out of what refills. A node that cannot reach the database
// goes on by its own counts.
package ratelimit
