// Package wire is what users, groups, applications and products look like in
// JSON: what requests may say of them, read strictly and with the codes of the
// Identity endpoints, and what answers say. The API, the commands that speak to
// it and the import of users share it. Whether a value is good is the registry's
// question; here it is only of the right type and in the right place.
package wire
