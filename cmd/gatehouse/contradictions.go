package main

import (
	"cmp"
	"strings"

	"gatehouse/errors"
	"gatehouse/templates"
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
		{"sign_in", c.Browser.Validate},
		{"pages.name", templates.Brand{Name: c.Brand.Name}.Validate},
		{"login", c.Throttle.Validate},
		{"rate_limit", c.RateLimit.Validate},
		{"rate_limit", c.IdentityLimit.Validate},
		{"identity.on_main", c.reachIdentity},
	} {
		if err := part.validate(); err != nil {
			found = append(found, mistake{key: part.key, problem: strings.ReplaceAll(err.Error(), "\n", "; ")})
		}
	}
	return found
}

// reachIdentity says whether the identity API answers anywhere.
func (c *config) reachIdentity() error {
	if c.IdentityApart && c.IdentityListen == "" {
		return errors.New("is false while identity.listen is empty: the identity API would answer nowhere")
	}
	return nil
}
