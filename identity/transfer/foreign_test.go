package transfer_test

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"

	"gatehouse/identity/transfer"
)

const known = "m4ngrove-Tide"

var salt = []byte("sixteen bytes of")

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// must is what a function returns that cannot fail here.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// credential is a password as Keycloak exports it.
func credential(algorithm string, iterations int, key []byte, more string) string {
	secret := fmt.Sprintf(`{"value":%q,"salt":%q,"additionalParameters":{}}`, b64(key), b64(salt))
	data := fmt.Sprintf(`{"hashIterations":%d,"algorithm":%q,"additionalParameters":{%s}}`, iterations, algorithm, more)
	return fmt.Sprintf(`[{"id":"x","type":"otp"},{"id":"y","type":"password","createdDate":1700000000000,"secretData":%s,"credentialData":%s}]`,
		must(json.Marshal(secret)), must(json.Marshal(data)))
}

const argon2Params = `"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]`

func keycloakUser(n int, credentials string) string {
	return fmt.Sprintf(`{"id":"c0ffee00-0000-4000-8000-000000000000","username":"kc-%d","email":"kc-%[1]d@example.com","emailVerified":true,
		"firstName":"Kim","lastName":"Cloak","enabled":true,"createdTimestamp":1600000000000,"totp":false,"attributes":{"phone":["+1","+2"]},
		"credentials":%s,"requiredActions":[],"realmRoles":["default"],"groups":["/Sales Team/EU"],"notBefore":0}`, n, credentials)
}

func TestUsersOfKeycloak(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o office) {
		o.group(t, "sales-team-eu")
		sha256Key := must(pbkdf2.Key(sha256.New, known, salt, 27500, 64))
		users := []string{
			keycloakUser(0, credential("pbkdf2-sha256", 27500, sha256Key, "")),
			keycloakUser(1, credential("pbkdf2-sha512", 2100, must(pbkdf2.Key(sha512.New, known, salt, 2100, 64)), "")),
			keycloakUser(2, credential("argon2", 5, argon2.IDKey([]byte(known), salt, 5, 7168, 1, 32), argon2Params)),
			keycloakUser(3, `[{"type":"password","value":"`+known+`","temporary":false}]`),
			keycloakUser(4, `[]`),
			keycloakUser(5, credential("pbkdf2", 20000, sha256Key, "")), // SHA-1
			keycloakUser(6, credential("argon2", 5, sha256Key, strings.Replace(argon2Params, "7168", "4194304", 1))),
			keycloakUser(7, credential("pbkdf2-sha256", 2_000_000_000, sha256Key, "")),
			keycloakUser(8, `[{"type":"password","secretData":"{}","credentialData":"[]"}]`),
			strings.Replace(keycloakUser(9, "[]"), `"enabled":true`, `"enabled":false,"serviceAccountClientId":"app"`, 1),
			strings.Replace(strings.Replace(keycloakUser(10, "[]"), "kc-10\"", "kc-10@example.com\"", 1), `"enabled":true`, `"enabled":false`, 1),
		}
		want := `11 lines: 6 created, 0 updated, 0 unchanged, 5 refused
6 IDE-2016 passwordHash
7 IDE-2016 passwordHash
8 IDE-2016 passwordHash
9 IDE-2016 passwordHash
10 IDE-0007`
		lines := make([]string, len(users))
		for n, user := range users {
			lines[n] = strings.Join(strings.Fields(user), " ")
		}
		expect(t, o.users(t, strings.Join(lines, "\n"), transfer.UsersOptions{Format: transfer.FormatNDJSON, DryRun: true}), want)
		realm := `{"id":"r","realm":"acme","clients":[{"clientId":"account","users":[{"username":"no"}]}],"users":[` + strings.Join(users, ",") + `],"scopeMappings":[]}`
		expect(t, o.users(t, "["+strings.Join(users, ", ")+"]", transfer.UsersOptions{DryRun: true}), want)
		expect(t, o.users(t, realm, transfer.UsersOptions{}), want)
		for n := range 4 {
			u := o.user(t, fmt.Sprintf("kc-%d", n))
			if ok, _, err := passwords.Verify(t.Context(), u.PasswordHash, known); err != nil || !ok {
				t.Errorf("%s cannot sign in with %s: %v", u.Username, u.PasswordHash, err)
			}
			if !slices.Equal(u.Groups, []string{"sales-team-eu"}) || u.FullName() != "Kim Cloak" || !u.EmailVerified || u.Disabled ||
				!u.CreatedAt.Equal(time.UnixMilli(1600000000000)) || u.Metadata["phone"] != "+1,+2" {
				t.Errorf("%+v", u)
			}
		}
		if u := o.user(t, "kc-10_example.com"); !u.Disabled || u.Email != "kc-10@example.com" {
			t.Errorf("whose username was an address: %+v", u)
		}
		again := o.users(t, realm, transfer.UsersOptions{})
		if again.Unchanged != 6 {
			t.Errorf("again: %s", summary(again))
		}
	})
}

func TestUsersOfAuth0(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o office) {
		bcrypted := string(must(bcrypt.GenerateFromPassword([]byte(known), 4)))
		scrypted := must(scrypt.Key([]byte(known), salt, 1024, 8, 1, 64))
		pbkdf := "$pbkdf2-sha512$i=1000,l=64$" + strings.TrimRight(b64(salt), "=") + "$" + strings.TrimRight(b64(must(pbkdf2.Key(sha512.New, known, salt, 1000, 64))), "=")
		user := func(n int, more string) string {
			return fmt.Sprintf(`{"_id":{"$oid":"x"},"user_id":"auth0|%d","email":"user.%[1]d+x@example.com","email_verified":true,"name":"Mary Jane Watson","blocked":false,%s}`, n, more)
		}
		custom := func(algorithm, hash string) string {
			return fmt.Sprintf(`"custom_password_hash":{"algorithm":%q,%s}`, algorithm, hash)
		}
		lines := []string{
			user(0, `"passwordHash":"`+bcrypted+`","created_at":"2019-05-06T07:08:09.123Z","user_metadata":{"shoe":38,"nested":{"a":1}},"app_metadata":{"plan":"x"}`),
			user(1, `"username":"named","given_name":"Given","family_name":"Family",`+custom("bcrypt", `"hash":{"value":"`+bcrypted+`","encoding":"utf8"}`)),
			user(2, custom("pbkdf2", `"hash":{"value":"`+pbkdf+`"}`)),
			user(3, custom("scrypt", `"hash":{"value":"`+hex.EncodeToString(scrypted)+`","encoding":"hex"},"salt":{"value":"`+string(salt)+`"},"keylen":64,"cost":1024,"blockSize":8,"parallelization":1`)),
			user(4, custom("scrypt", `"hash":{"value":"`+b64(scrypted)+`","encoding":"base64"},"salt":{"value":"`+b64(salt)+`","encoding":"base64"},"cost":1024,"blockSize":8,"parallelization":1`)),
			user(5, custom("argon2", `"hash":{"value":"$argon2i$v=19$m=1024,t=1,p=1$`+strings.TrimRight(b64(salt), "=")+"$"+strings.TrimRight(b64(argon2.Key([]byte(known), salt, 1, 1024, 1, 32)), "=")+`"}`)),
			user(6, custom("md5", `"hash":{"value":"abc","encoding":"hex"}`)),
			user(7, custom("scrypt", `"hash":{"value":"`+b64(scrypted)+`","encoding":"base64"},"salt":{"value":"x"},"cost":1048576,"blockSize":32,"parallelization":16`)),
			user(8, custom("scrypt", `"hash":{"value":"`+b64(scrypted)+`","encoding":"base64"},"salt":{"value":"x"},"cost":1000,"blockSize":8,"parallelization":1`)),
			user(9, custom("bcrypt", `"hash":{"value":"`+strings.Replace(bcrypted, "$04$", "$31$", 1)+`"}`)),
			`{"email":"user.0-x@example.com","email_verified":"yes"}`,
			`{"email":"user.0_x@example.com","blocked":true}`,
		}
		want := `12 lines: 6 created, 0 updated, 0 unchanged, 6 refused
7 IDE-2016 passwordHash
8 IDE-2016 passwordHash
9 IDE-2016 passwordHash
10 IDE-2016 passwordHash
11 IDE-0002
12 IDE-2002 username`
		file := strings.Join(lines, "\n")
		expect(t, o.users(t, file, transfer.UsersOptions{DryRun: true}), want)
		expect(t, o.users(t, file, transfer.UsersOptions{}), want)
		for n, name := range []string{"user.0_x_example.com", "named", "user.2_x_example.com", "user.3_x_example.com", "user.4_x_example.com", "user.5_x_example.com"} {
			u := o.user(t, name)
			if ok, _, err := passwords.Verify(t.Context(), u.PasswordHash, known); err != nil || !ok {
				t.Errorf("%s cannot sign in with %s: %v", u.Username, u.PasswordHash, err)
			}
			if u.Email != fmt.Sprintf("user.%d+x@example.com", n) || !u.EmailVerified {
				t.Errorf("%+v", u)
			}
		}
		first, second := o.user(t, "user.0_x_example.com"), o.user(t, "named")
		if diff := cmp.Diff(map[string]any{"shoe": 38.0, "plan": "x"}, first.Metadata); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
		if first.FirstName != "Mary Jane" || first.LastName != "Watson" || !first.CreatedAt.Equal(time.Date(2019, 5, 6, 7, 8, 9, 123_000_000, time.UTC)) || second.FullName() != "Given Family" {
			t.Errorf("%+v, %+v", first, second)
		}
		if again := o.users(t, file, transfer.UsersOptions{}); again.Unchanged != 6 || again.Refused != 6 {
			t.Errorf("again: %s", summary(again))
		}
	})
}
