// Package web reads requests for the features: who asks (request id, client
// address) and what they ask (JSON and form bodies, strictly), and lets browsers
// of an application's origins read the answer.
//
// A body that breaks a rule is refused with the codes of its family of
// endpoints, see Codes, and names the fields at fault. How refusals are written
// is server's; what a field's value means is the feature's.
package web
