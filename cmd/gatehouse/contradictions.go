package main

import (
	"cmp"
	"strings"
)

// contradictions asks the parts of the server what is wrong with settings that
// are right each by itself.
func (c *config) contradictions() mistakes {
	tokens := c.Tokens
	tokens.Issuer = cmp.Or(tokens.Issuer, "set by serve") // whether it is set, fitToServe says
	var found mistakes
	for _, part := range []struct {
		key      string
		validate func() error
	}{
		{"tokens", tokens.Validate},
		{"keys", c.Keys.Validate},
		{"password_hash", c.Passwords.Validate},
		{"password_policy", c.Policy.Validate},
		{"login", c.Throttle.Validate},
		{"rate_limit", c.RateLimit.Validate},
	} {
		if err := part.validate(); err != nil {
			found = append(found, mistake{key: part.key, problem: strings.ReplaceAll(err.Error(), "\n", "; ")})
		}
	}
	return found
}
