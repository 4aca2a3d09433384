// Package outbound makes the HTTP client for addresses that others have written down:
// where an application publishes its keys, or wants to be told of the end of
// sessions. Such an address must not reach what only this machine can reach. So what
// is held to the rules is the address that a connection is about to be made to, after
// the name was resolved: a name may resolve to anything, and to something else the
// next time. There is no proxy, and nobody is followed to another address.
package outbound
