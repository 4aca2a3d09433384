package errors

// Help is what a developer who met a code should know. Text between backticks
// is code; everything else is plain.
type Help struct {
	Means  string   // what happened, in a sentence or two
	Causes []string // what commonly leads to it, most common first
	Steps  []string // what to do about it, in this order
}

// Help returns the code's help. Every code of the catalogue has one.
func (c Code) Help() Help {
	for _, family := range helpFamilies {
		if h, ok := family[c.ID]; ok {
			return h
		}
	}
	return Help{}
}

// helpFamilies is the help for all codes, by their IDs.
var helpFamilies = []map[string]Help{authHelp, ownHelp, identityHelp, identityOwnHelp}
