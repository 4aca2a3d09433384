// Package errors holds every code that leaves the process, what each means,
// and the one error type that carries a code with its details.
//
// A Code is one line of the table in codes.go. Returned bare it is an error;
// With, On, After and Because add what was received, which fields are at
// fault, when to try again, and the cause, which is logged and never shown.
// An error that carries no code is answered as Internal.
//
// The package re-exports Is, As, Join and New, so that it can be imported in
// place of the standard one.
package errors
