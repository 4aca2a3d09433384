// Package keys holds the server's own secrets: Master, the master secret that
// seals what is stored and authenticates what is handed out, and Ring, the
// signing keys.
//
// A signing key is published from the moment it is made, signs from
// ActiveFrom on, and stays published after it was retired until the last token
// it signed has expired. The ring picks the key by the clock, so no node has to
// act at those moments. Which claims a token carries is not decided here.
package keys
