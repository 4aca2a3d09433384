// Package bearer says whom an access token speaks for. Claims is what such a
// token says, NewID makes its jti, Verifier checks one that came in: signature,
// time, issuer and audience, then whether it was revoked, and whether its user
// and its application still stand.
//
// A token that was verified is remembered by its hash until it expires, so that
// the next check costs no signature; whether it is revoked and who stands is
// asked each time. Which endpoint demands which scope is not decided here, and
// neither is what a refusal looks like.
package bearer
