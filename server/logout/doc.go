// Package logout tells applications of the end of their sessions (OpenID Connect
// Back-Channel Logout 1.0).
//
// What ends a session leaves a delivery in the database, in the same transaction
// (storage.Deliveries). A Sender on each node takes those that are due, a few at
// once and each for a while, so that nodes do not take the same ones, and what a
// node had taken when it stopped is taken again. A delivery that does not arrive is
// tried again, less and less often, for a day. So an application is told at least
// once, and hardly ever more often.
package logout
