// Package registry changes users, groups, applications and products by the rules
// that keep them sound, whoever asks: the identity API, a command, a file.
//
// Each change is one transaction: it reads what it changes, checks the version
// that the caller saw, the values, what is built in, the last administrator and
// whether the caller may hand out what it hands out, writes, ends the sessions
// that must not outlive it, and appends an audit event. What reads alone goes to
// identity.Store directly. Whether the caller may call at all is not asked here.
package registry
