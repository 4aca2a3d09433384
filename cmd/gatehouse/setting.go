package main

import "strings"

// setting is one line of the table that all configuration is made from: its
// key in the file, its environment variable, what serve takes as a flag, what
// `gatehouse config` prints and what docs/configuration.md says.
type setting struct {
	key     string // in the file: "tokens.access_lifetime"
	value   value
	def     string // the default, as it would be written; empty for none
	dev     string // the default under --dev, where it is another
	example string // a right value, for whoever wrote a wrong one
	doc     string // a sentence or two of Markdown

	secret  bool          // its value prints as [redacted]; may come from a file of its own
	implied string        // what the default is, in words, where it follows from something else
	mask    func() string // what is printed of a secret; nil: nothing
	weak    func() string // how the value in force weakens security; nil or empty: not at all
}

// envPrefix begins the name of every environment variable that is a setting.
const envPrefix = "GATEHOUSE_"

// env is the name of the environment variable.
func (s setting) env() string { return envName(s.key) }

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// fileSuffix, added to a secret's key, names the setting that holds the path
// of a file to read the secret from.
const fileSuffix = "_file"

// shown is the value as it may be printed.
func (s setting) shown() string {
	if s.mask != nil {
		return s.mask()
	}
	return s.value.get()
}

// find returns the setting with the key.
func find(table []setting, key string) (setting, bool) {
	for _, s := range table {
		if s.key == key {
			return s, true
		}
	}
	return setting{}, false
}
