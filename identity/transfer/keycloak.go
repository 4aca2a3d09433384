package transfer

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity/registry"
)

// parseKeycloak reads a UserRepresentation as Keycloak exports it. Its attributes
// become metadata, its groups "/Sales Team/EU" the one with the id sales-team-eu.
func parseKeycloak(f foreign, parse parser) (in registry.Imported, err error) {
	if client := f.plain("serviceAccountClientId"); client != "" {
		return in, errors.IdentityMalformed.On(map[string]string{"serviceAccountClientId": "is set: this is an application and not a user"})
	}
	in = registry.Imported{
		Email: f.plain("email"), EmailVerified: f.flag("emailVerified"),
		FirstName: f.text("firstName"), LastName: f.text("lastName"),
	}
	named(&in, f.plain("username"))
	if enabled := f.flag("enabled"); enabled != nil {
		disabled := !*enabled
		in.Disabled = &disabled
	}
	if created := f.number("createdTimestamp"); created != nil {
		in.CreatedAt = time.UnixMilli(*created).UTC()
	}
	if paths := field[[]any](&f, "groups", "a list of paths"); paths != nil {
		groups := make([]string, len(*paths))
		for n, path := range *paths {
			text, ok := path.(string)
			if !ok {
				f.fault("groups", "a list of paths")
			}
			groups[n] = groupOfPath(text)
		}
		in.Groups = &groups
	}
	if attributes, there := f.inner("attributes"); there {
		metadata := attributes.joined()
		in.Metadata = &metadata
	}
	if err := f.keycloakPassword(&in, parse); err != nil {
		return in, err
	}
	return in, f.err()
}

// groupOfPath is the id of a group that another system knows by a path.
func groupOfPath(path string) string {
	words := strings.FieldsFunc(strings.ToLower(path), func(r rune) bool { return strings.ContainsRune("/ _-.", r) })
	return strings.Join(words, "-")
}

// joined is each attribute as one text.
func (f *foreign) joined() map[string]any {
	metadata := make(map[string]any, len(f.object))
	for name, value := range f.object {
		values, isList := value.([]any)
		if !isList {
			metadata[name] = value
			continue
		}
		texts := make([]string, len(values))
		for n, value := range values {
			texts[n] = fmt.Sprint(value)
		}
		metadata[name] = strings.Join(texts, ",")
	}
	return metadata
}

// keycloakPassword reads the first credential that is a password.
func (f *foreign) keycloakPassword(in *registry.Imported, parse parser) (err error) {
	list := field[[]any](f, "credentials", "a list of objects")
	if list == nil {
		return nil
	}
	for _, value := range *list {
		object, ok := value.(map[string]any)
		if !ok {
			f.fault("credentials", "a list of objects")
			return nil
		}
		credential := foreign{object: object}
		if credential.plain("type") != "password" {
			continue
		}
		if in.Password = credential.plain("value"); in.Password != "" {
			return nil
		}
		in.PasswordHash, err = credential.keycloakHash(parse)
		return err
	}
	return nil
}

// keycloakHash makes a PHC string of a credential. secretData and credentialData
// are JSON in a string.
func (f *foreign) keycloakHash(parse parser) (string, error) {
	secret, secretErr := parse([]byte(f.plain("secretData")))
	params, paramsErr := parse([]byte(f.plain("credentialData")))
	if secretErr != nil || paramsErr != nil {
		return "", unusable("has no secretData and credentialData that are JSON objects")
	}
	s, p := foreign{object: secret}, foreign{object: params}
	salt, saltErr := base64.StdEncoding.DecodeString(s.plain("salt"))
	key, keyErr := base64.StdEncoding.DecodeString(s.plain("value"))
	iterations := p.number("hashIterations")
	if saltErr != nil || keyErr != nil || iterations == nil || s.err() != nil || p.err() != nil {
		return "", unusable("has no salt, value and hashIterations as Keycloak exports them")
	}
	switch algorithm := p.plain("algorithm"); algorithm {
	case "pbkdf2-sha256", "pbkdf2-sha512":
		return fmt.Sprintf("$%s$i=%d%s", algorithm, *iterations, phc(salt, key)), nil
	case "argon2":
		return p.keycloakArgon2(*iterations, salt, key)
	default:
		return "", unusable(fmt.Sprintf("is made by %.50q, and not by pbkdf2-sha256, pbkdf2-sha512 or argon2", algorithm))
	}
}

// phc is how a PHC string ends.
func phc(salt, key []byte) string {
	return "$" + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(key)
}

// keycloakArgon2 makes the PHC string of an Argon2 hash. Each of the parameters is
// a list of one text.
func (f *foreign) keycloakArgon2(iterations int64, salt, key []byte) (string, error) {
	more, _ := f.inner("additionalParameters")
	param := func(name string) string {
		list := field[[]any](&more, name, "a list")
		if list == nil || len(*list) != 1 {
			return ""
		}
		text, _ := (*list)[0].(string)
		return text
	}
	if version := param("version"); version != "1.3" {
		return "", unusable("is made by another version of Argon2 than 1.3")
	}
	return fmt.Sprintf("$argon2%s$v=19$m=%s,t=%d,p=%s%s", param("type"), param("memory"), iterations, param("parallelism"), phc(salt, key)), nil
}
