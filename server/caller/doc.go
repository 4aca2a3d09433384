// Package caller says for whom a request with an access token speaks, and what it
// may do there. Every endpoint that lets a token act for somebody asks a Caller:
// may it administer, ask about others, see what its user has elsewhere, exercise
// its user's permissions, and at which products.
//
// The answer follows from how the token's session began (identity.Authority) and
// never from the settings of its application. Which permissions somebody has is
// not decided here; see docs/adr/0016-who-speaks-for-whom.md for the rules.
package caller
