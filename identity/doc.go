// Package identity says who there is: users, groups, applications, what they
// may do, and the rules that their names, passwords and secrets follow. It
// knows no HTTP and no database; Store is what it asks of one.
package identity
