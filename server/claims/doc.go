// Package claims says what an application is told of a user: by the scopes that it
// was granted, by what it asks for one by one, and by its own settings (OpenID
// Connect Core §5).
package claims
