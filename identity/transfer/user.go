package transfer

import (
	"strings"

	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

// What only users of Keycloak and of Auth0 have.
var (
	keycloakFields = []string{
		"credentials", "enabled", "createdTimestamp", "realmRoles", "clientRoles", "requiredActions", "attributes",
		"federatedIdentities", "federationLink", "serviceAccountClientId", "notBefore", "totp",
	}
	auth0Fields = []string{
		"email_verified", "custom_password_hash", "password_hash", "user_id", "_id", "given_name", "family_name", "name", "nickname",
		"blocked", "app_metadata", "user_metadata", "identities", "created_at", "tenant", "connection", "password_set_date",
	}
)

// parseUser reads a user in any of the forms. Those of other systems say much
// that is nothing to us, which is left out; in our own every field counts.
func parseUser(object map[string]any, parse parser) (registry.Imported, error) {
	switch {
	case hasAny(object, keycloakFields):
		return parseKeycloak(foreign{object: object}, parse)
	case hasAny(object, auth0Fields):
		return parseAuth0(foreign{object: object})
	default:
		return wire.ParseUserLine(object)
	}
}

func hasAny(object map[string]any, names []string) bool {
	for _, name := range names {
		if _, there := object[name]; there {
			return true
		}
	}
	return false
}

// named gives a user its username, or what to call a new user that has none but
// an address: usernames have no @ here.
func named(in *registry.Imported, username string) {
	switch {
	case username == "":
		in.Fallback = fromAddress(in.Email)
	case strings.Contains(username, "@"):
		in.Fallback = fromAddress(username)
	default:
		in.Username = username
	}
}

// fromAddress makes a username of an address: "_" for each character that it
// must not have. Whoever has that one already keeps it.
func fromAddress(address string) string {
	username := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, address)
	return username[:min(len(username), 255)]
}
