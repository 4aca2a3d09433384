// Package clients holds what other people's clients expect of Gatehouse: each
// test builds the real binary, starts it as a user would and talks to it with a
// published library. It is a module of its own, so that their dependencies stay
// out of the server's.
package clients
