// Package transfer brings users in from files, also those of other systems, and
// writes everything that is stored to a file and back.
//
// Users reads NDJSON, CSV and JSON documents, in the forms of the API, Keycloak and
// Auth0, and hands batches to the registry, whose rules hold. WriteUsers writes what
// Users reads. Export and Restore are backup: records as they are stored, with
// counts and checksums, and no rules but the database's.
package transfer
