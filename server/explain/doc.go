// Package explain keeps why requests were refused, for administrators: clients
// are told a code, which gives nothing away. A Trail notes the checks of one
// request in their order. When the request is refused, the gate hands the trail
// to the Recorder, which writes a Record into the database, in the background
// and only as far as there is room for that. Read finds records by request id
// and adds what the catalogue advises.
//
// No secret gets into a record. Of secrets and tokens that machines made it has
// a fingerprint, of passwords nothing, and of other text from outside what looks
// like a name.
package explain
