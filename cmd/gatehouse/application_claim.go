package main

import (
	"strings"

	"gatehouse/identity/wire"
)

// claims is the flag for what an application is told of its users beside what
// scopes give.
func (o *object) claims() {
	entries := o.cmd.Flags().StringArray("claim", nil,
		"`CLAIM=KEY[,SCOPE]` made of its users' metadata, released by SCOPE or else by openid"+severalTimes)
	o.add("claim", "claims", func() (any, error) {
		claims := []any{}
		for _, entry := range listed(*entries) {
			claim, err := readClaim(entry)
			if err != nil {
				return nil, err
			}
			claims = append(claims, map[string]any{"claim": claim.Claim, "metadata": claim.Metadata, "scope": claim.Scope})
		}
		return claims, nil
	})
}

// readClaim reads CLAIM=KEY[,SCOPE]. A key with a comma takes another
// one behind it.
func readClaim(entry string) (wire.Claim, error) {
	claim, key, found := strings.Cut(entry, "=")
	var scope string
	if comma := strings.LastIndexByte(key, ','); comma >= 0 {
		key, scope = key[:comma], key[comma+1:]
	}
	if !found || claim == "" || key == "" {
		return wire.Claim{}, misused("%q is not CLAIM=KEY[,SCOPE]", entry)
	}
	return wire.Claim{Claim: claim, Metadata: key, Scope: scope}, nil
}

// claimEntries are claims as the flag takes each.
func claimEntries(claims []wire.Claim) string {
	entries := make([]string, len(claims))
	for i, c := range claims {
		entries[i] = c.Claim + "=" + c.Metadata
		if c.Scope != "" || strings.Contains(c.Metadata, ",") {
			entries[i] += "," + c.Scope
		}
	}
	return strings.Join(entries, "; ")
}
