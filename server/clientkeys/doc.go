// Package clientkeys checks signatures that applications make, by the public keys
// that they have registered: a JWK Set (RFC 7517 §5), which is read once for as long
// as it stays, or an address where one is, which is fetched when somebody needs it.
//
// Fetched keys are good for as long as Cache-Control says, one minute at least and a
// quarter of an hour at most. A key that is not among them has them fetched again,
// ten seconds after the last time at the earliest, so that a rotation is noticed at
// once and nobody who makes up names of keys can have the address asked more often.
// While they cannot be fetched, those that were good last stay so for an hour.
package clientkeys
