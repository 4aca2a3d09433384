// Package password lets people prove who they are by username and password, in
// the same way wherever they do: the same delays and freezes, the same answer in
// the same time whatever was wrong, and old hashes made anew.
package password
