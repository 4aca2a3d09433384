// Package changes follows the list of changes that all nodes share
// (storage.Change), so that what a node remembers is never much older than the
// database. It hands each line to its subscribers, those of other nodes within
// a second and this node's own before the call that announced them returns.
//
// What a line means is the subscriber's business. One that answers from memory
// asks Fresh first, and the database when the list could not be read lately.
package changes
