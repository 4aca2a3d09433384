package errors

import "maps"

// Help is what a developer who met a code should know. Text between backticks
// is code; everything else is plain.
type Help struct {
	Means  string   // what happened, in a sentence or two
	Causes []string // what commonly leads to it, most common first
	Steps  []string // what to do about it, in this order
}

// Help returns the code's help. Every code of the catalogue has one.
func (c Code) Help() Help { return help()[c.ID] }

// help maps the IDs of all codes to their help.
func help() map[string]Help {
	all := authHelp()
	maps.Copy(all, ownHelp())
	maps.Copy(all, identityHelp())
	return all
}
