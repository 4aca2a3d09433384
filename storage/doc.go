// Package storage says what the server remembers between requests and what is
// promised of it: sessions and their refresh tokens, single-use codes, signing
// keys, failed sign-ins, request counts, leases, and the changes that other
// nodes must learn of. Who there is, is identity's; sqlstore keeps both.
package storage
