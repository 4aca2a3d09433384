// Package permissions answers whether a subject may do something: Find says whom
// a subject names, Ask decides whether an asker may know and what the answer is,
// WhoCan turns the question round, and Simulate says what a proposed change would
// flip. What the answer follows from is identity.Policy.
//
// Where subjects and the policy are read is the caller's business, and so is
// that what is read belongs together.
package permissions
