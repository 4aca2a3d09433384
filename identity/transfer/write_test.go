package transfer_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/transfer"
	"gatehouse/storage"
)

// list is users in memory.
type list []identity.User

func (l list) UsersAfter(_ context.Context, id string, limit int) ([]identity.User, error) {
	rest := slices.DeleteFunc(slices.Clone(l), func(u identity.User) bool { return u.ID <= id })
	return rest[:min(len(rest), limit)], nil
}

// awkward are texts with all that CSV, spreadsheets and JSON trip over.
func awkward() *rapid.Generator[string] {
	pieces := []string{"", "=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "'", "''", `"`, `""`, ",", ";", " ", "json:", "true", "1", "＝", "é", "a", "<&>", "\u2028", "\uFEFF"}
	return rapid.Custom(func(r *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(r, "pieces"), "")
	})
}

func anyUser(r *rapid.T) identity.User {
	name := rapid.Custom(func(r *rapid.T) string {
		return strings.Map(func(c rune) rune {
			if c < ' ' {
				return '-'
			}
			return c
		}, awkward().Draw(r, "name"))
	})
	at := time.UnixMicro(rapid.Int64Range(0, 1<<50).Draw(r, "created")).UTC()
	value := rapid.OneOf(
		rapid.Map(awkward(), func(s string) any { return s }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.IntRange(-5, 1<<40), func(n int) any { return json.Number(fmt.Sprint(n)) }))
	u := identity.User{
		ID: storage.NewID(at), Username: rapid.StringMatching(`[-_.a-zA-Z0-9]{3,9}`).Draw(r, "username"),
		Email:         rapid.SampledFrom([]string{"=x@example.com", "'=x@example.com", "a@example.com", "+1@example.com"}).Draw(r, "email"),
		EmailVerified: rapid.Bool().Draw(r, "verified"), FirstName: name.Draw(r, "first"), LastName: name.Draw(r, "last"),
		PasswordHash: rapid.SampledFrom([]string{"", "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"}).Draw(r, "hash"),
		Groups:       rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b-c", "d1"}), 0, 3, rapid.ID[string]).Draw(r, "groups"),
		Disabled:     rapid.Bool().Draw(r, "disabled"), CreatedAt: at,
		Metadata: rapid.MapOfN(awkward(), value, 0, 3).Draw(r, "metadata"),
	}
	if err := u.Validate(); err != nil {
		r.Fatalf("%v", err)
	}
	return u
}

// state is a user that a line makes of nothing.
func state(in registry.Imported) identity.User {
	u := identity.User{ID: in.ID, Username: in.Username, Email: in.Email, PasswordHash: in.PasswordHash, CreatedAt: in.CreatedAt, Metadata: map[string]any{}, Groups: []string{}}
	for _, set := range []func(){
		func() { u.EmailVerified = *in.EmailVerified }, func() { u.Disabled = *in.Disabled },
	} {
		set()
	}
	if in.FirstName != nil {
		u.FirstName = *in.FirstName
	}
	if in.LastName != nil {
		u.LastName = *in.LastName
	}
	if in.Groups != nil {
		u.Groups = *in.Groups
	}
	if in.Metadata != nil {
		u.Metadata = *in.Metadata
	}
	return u
}

// What is written is read as it was, whatever is in it, and nothing in it is
// taken for a formula.
func TestWriteUsersRoundTrip(t *testing.T) {
	t.Parallel()
	for _, format := range []string{transfer.FormatCSV, transfer.FormatNDJSON} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				var users list
				for range rapid.IntRange(0, 4).Draw(r, "users") {
					users = append(users, anyUser(r))
				}
				slices.SortFunc(users, func(a, b identity.User) int { return strings.Compare(a.ID, b.ID) })
				users = slices.CompactFunc(users, func(a, b identity.User) bool { return a.ID == b.ID })
				var file bytes.Buffer
				n, err := transfer.WriteUsers(context.Background(), users, &file, transfer.WriteOptions{Format: format, Hashes: true})
				if err != nil || n != len(users) {
					r.Fatalf("%d written, %v", n, err)
				}
				if format == transfer.FormatCSV {
					noFormulas(r, file.String())
				}
				for _, as := range []string{format, transfer.FormatAuto} {
					read, _, refused, err := transfer.ReadUsers(bytes.NewReader(file.Bytes()), as, parse)
					if err != nil || refused > 0 {
						r.Fatalf("%d refused, %v", refused, err)
					}
					got := list{}
					for _, in := range read {
						got = append(got, state(in))
					}
					if diff := cmp.Diff(users, got, cmp.Transformer("", func(l list) []identity.User { return append([]identity.User{}, l...) })); diff != "" {
						r.Fatalf("(-written +read):\n%s\nfile:\n%s", diff, file.String())
					}
				}
			})
		})
	}
}

// noFormulas looks at each cell as a spreadsheet does.
func noFormulas(r *rapid.T, file string) {
	records, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		r.Fatalf("not the CSV that others read: %v", err)
	}
	for _, cell := range slices.Concat(records...) {
		if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
			r.Fatalf("a formula: %q", cell)
		}
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "plain": "plain", "=1+1": "'=1+1", "+49": "'+49", "-": "'-", "@a": "'@a", "\tx": "'\tx", "'t Hooft": "'t Hooft", "'": "'", "'=x": "''=x", "''+": "'''+", "＝x": "'＝x",
	} {
		if got := transfer.Guard(cell); got != want || transfer.Unguard(got) != cell {
			t.Errorf("Guard(%q) = %q and back %q", cell, got, transfer.Unguard(got))
		}
	}
	if got := transfer.Unguard("'t Hooft"); got != "'t Hooft" {
		t.Errorf("a name lost its apostrophe: %q", got)
	}
}

func TestMetadataCell(t *testing.T) {
	t.Parallel()
	for cell, value := range map[string]any{
		"plain": "plain", "true": "true", "42": "42", `json:""`: "", `json:"json:1"`: "json:1", "json:true": true, "json:42": json.Number("42"), "json:-1.5e3": json.Number("-1.5e3"),
	} {
		got, ok := transfer.MetadataOf(cell)
		if written := transfer.MetadataCell(value); written != cell || !ok || got != value {
			t.Errorf("%#v is written %s and read %#v, %v", value, written, got, ok)
		}
	}
	for _, cell := range []string{"json:", "json:x", "json:1 2", "json:null", "json:[]", "json:{}", `json:"\u0000"`, "json:1e999"} {
		if got, ok := transfer.MetadataOf(cell); ok {
			t.Errorf("%s is read %#v", cell, got)
		}
	}
}

// Users that were exported are there again in another database.
func TestWriteUsersIntoAnotherDatabase(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o office) {
		o.group(t, "staff")
		o.users(t, `{"username":"ada","email":"ada@example.com","firstName":"=Ada","groups":["staff"],"password":"Analytical+Engine1","metadata":{"n":1.5,"s":"'","b":false}}
			{"username":"bob","email":"bob@example.com","disabled":true}`, transfer.UsersOptions{})
		var all list
		all, err := o.store.UsersAfter(t.Context(), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{transfer.FormatCSV, transfer.FormatNDJSON} {
			for _, hashes := range []bool{true, false} {
				var file bytes.Buffer
				if _, err := transfer.WriteUsers(t.Context(), o.store, &file, transfer.WriteOptions{Format: format, Hashes: hashes}); err != nil {
					t.Fatal(err)
				}
				expect(t, o.users(t, file.String(), transfer.UsersOptions{}), "2 lines: 0 created, 0 updated, 2 unchanged, 0 refused")
				other := newOffice(t, openSQLite(t))
				other.group(t, "staff")
				expect(t, other.users(t, file.String(), transfer.UsersOptions{}), "2 lines: 2 created, 0 updated, 0 unchanged, 0 refused")
				for _, want := range all {
					got := other.user(t, want.Username)
					if want.UpdatedAt = got.UpdatedAt; !hashes {
						want.PasswordHash = ""
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s, hashes %v (-want +got):\n%s", format, hashes, diff)
					}
				}
			}
		}
	})
}

func TestWriteUsersTooManyColumns(t *testing.T) {
	t.Parallel()
	metadata := make(map[string]any)
	for n := range 1001 {
		metadata[fmt.Sprint(n)] = "x"
	}
	_, err := transfer.WriteUsers(t.Context(), list{{ID: "1", Metadata: metadata}}, new(bytes.Buffer), transfer.WriteOptions{Format: transfer.FormatCSV})
	if err == nil || !strings.Contains(err.Error(), "NDJSON") {
		t.Errorf("WriteUsers() = %v", err)
	}
}

// No file makes the readers panic, and they number the lines upward.
func FuzzReadUsers(f *testing.F) {
	for _, seed := range []string{
		`{"username":"ada","email":"ada@example.com","password":"x","metadata":{"a":1},"createdAt":"2020-01-02T03:04:05Z"}`,
		"username,email,metadata.a,groups,disabled\r\n\"a\"\"b\",'=c,json:1,x;y,true\n",
		keycloakUser(1, credential("argon2", 5, []byte("0123456789abcdef"), argon2Params)),
		`{"realm":"r","users":[` + keycloakUser(1, credential("pbkdf2-sha256", 5, []byte("0123456789abcdef"), "")) + `]}`,
		`[{"email":"a@b.c","custom_password_hash":{"algorithm":"scrypt","hash":{"value":"00","encoding":"hex"},"salt":{"value":"x"},"cost":2,"blockSize":1,"parallelization":1}}]`,
	} {
		for _, format := range []string{"", transfer.FormatNDJSON, transfer.FormatCSV} {
			f.Add([]byte(seed), format)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte, format string) {
		users, numbers, refused, _ := transfer.ReadUsers(bytes.NewReader(file), format, parse)
		if len(users)+refused != len(numbers) || !slices.IsSorted(numbers) {
			t.Errorf("%d users, %d refused, lines %v", len(users), refused, numbers)
		}
		for _, user := range users {
			if user.PasswordHash != "" {
				_ = identity.UsableHash(user.PasswordHash)
			}
		}
	})
}
