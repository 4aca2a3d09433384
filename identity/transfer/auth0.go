package transfer

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"gatehouse/identity/registry"
)

// parseAuth0 reads a user as Auth0 exports it, or as it imports it. Its
// user_metadata and app_metadata become metadata as far as they are not nested.
func parseAuth0(f foreign) (in registry.Imported, err error) {
	in = registry.Imported{
		Email: f.plain("email"), EmailVerified: f.flag("email_verified"), Disabled: f.flag("blocked"),
		FirstName: f.text("given_name"), LastName: f.text("family_name"), PasswordHash: f.plain("passwordHash"),
	}
	named(&in, f.plain("username"))
	if in.FirstName == nil && in.LastName == nil {
		f.fullName(&in)
	}
	if hash := f.plain("password_hash"); in.PasswordHash == "" {
		in.PasswordHash = hash
	}
	if created, err := time.Parse(time.RFC3339Nano, f.plain("created_at")); err == nil {
		in.CreatedAt = created.UTC().Truncate(time.Microsecond)
	}
	for _, name := range []string{"app_metadata", "user_metadata"} {
		if data, there := f.inner(name); there {
			in.Metadata = data.scalars(in.Metadata)
		}
	}
	if custom, there := f.inner("custom_password_hash"); there {
		if in.PasswordHash, err = custom.auth0Hash(); err != nil {
			return in, err
		}
	}
	return in, f.err()
}

// fullName takes a name apart before its last word. Auth0 puts the address
// there when it knows no name.
func (f *foreign) fullName(in *registry.Imported) {
	name := strings.TrimSpace(f.plain("name"))
	if name == "" || name == in.Email {
		return
	}
	end := strings.LastIndexByte(name, ' ')
	first, last := strings.TrimSpace(name[:max(end, 0)]), name[end+1:]
	if first == "" {
		first, last = last, ""
	}
	in.FirstName, in.LastName = &first, &last
}

// scalars adds what is not nested to metadata.
func (f *foreign) scalars(metadata *map[string]any) *map[string]any {
	if metadata == nil {
		metadata = &map[string]any{}
	}
	for name, value := range f.object {
		if isScalar(value) {
			(*metadata)[name] = value
		}
	}
	return metadata
}

// auth0Hash makes a PHC string of a custom_password_hash.
func (f *foreign) auth0Hash() (string, error) {
	algorithm := f.plain("algorithm")
	hash, _ := f.inner("hash")
	value := hash.plain("value")
	switch algorithm {
	case "bcrypt", "argon2", "pbkdf2": // their values say it all
		if !strings.HasPrefix(value, "$") {
			return "", unusable("is not in the form that begins with $")
		}
		return value, nil
	case "scrypt":
		return f.auth0Scrypt(hash)
	default:
		return "", unusable(fmt.Sprintf("is made by %.50q, and not by bcrypt, pbkdf2, scrypt or argon2", algorithm))
	}
}

// auth0Scrypt makes the PHC string of an scrypt hash, whose parameters are
// fields of their own.
func (f *foreign) auth0Scrypt(hash foreign) (string, error) {
	key, keyOK := hash.decoded()
	salt, _ := f.inner("salt")
	saltBytes, saltOK := salt.decoded()
	cost, block, parallel := f.number("cost"), f.number("blockSize"), f.number("parallelization")
	if !keyOK || !saltOK || cost == nil || block == nil || parallel == nil {
		return "", unusable("has no hash, salt, cost, blockSize and parallelization as Auth0 imports them")
	}
	if *cost < 2 || *cost&(*cost-1) != 0 {
		return "", unusable("has a cost that is no power of two")
	}
	return fmt.Sprintf("$scrypt$ln=%d,r=%d,p=%d%s", bits.Len64(uint64(*cost))-1, *block, *parallel, phc(saltBytes, key)), nil
}

// decoded is a value in the encoding that it names.
func (f *foreign) decoded() ([]byte, bool) {
	value := f.plain("value")
	var decoded []byte
	var err error
	switch f.plain("encoding") {
	case "hex":
		decoded, err = hex.DecodeString(value)
	case "base64":
		decoded, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(value, "="))
	case "utf8", "":
		decoded = []byte(value)
	default:
		return nil, false
	}
	return decoded, err == nil && len(decoded) > 0
}
