package transfer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity/transfer"
)

func TestUsersNDJSON(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o office) {
		o.group(t, "staff", "sales")
		hash, err := passwords.Hash(t.Context(), "Analytical+Engine1")
		if err != nil {
			t.Fatal(err)
		}
		file := "\xEF\xBB\xBF" + `{"username":"grace","email":"grace@example.com","firstName":"Grace","lastName":"Hopper","groups":["staff","sales"],"password":"Nanosecond-29.97cm","metadata":{"rank":3,"navy":true}}
{"username":"alan","email":"alan@example.com","passwordHash":"` + hash + `","emailVerified":true,"disabled":true,"createdAt":"2020-01-02T03:04:05Z"}

  {"id":"01890000-0000-7000-8000-000000000000","username":"ada","email":"ada@example.com","lastName":null}` + "\r\n" + `
{"username":"twice","username":"twice","email":"t@example.com"}
{"usernam":"bob","email":"bob@example.com"}
{"username":7,"email":"bob@example.com"}
{"username":"bob"}
{"username":"bob","email":"bob@example.com","groups":["nobodies"]}
{"username":"bob","email":"bob@example.com","passwordHash":"{SSHA}x"}
["no object"]
{"username":"bob",
` + `{"username":"long","email":"l@example.com","lastName":"` + strings.Repeat("x", 1<<20) + `"}
{"username":"ALAN","disabled":false}
{"username":"last","email":"last@example.com"}`
		want := `14 lines: 4 created, 1 updated, 0 unchanged, 9 refused
6 IDE-0007 username
7 IDE-0004 usernam
8 IDE-0002 username
9 IDE-0001 email
10 IDE-1006 groups
11 IDE-2016 passwordHash
12 IDE-0002 body
13 IDE-0007 body
14 IDE-0007 line`
		for _, dry := range []bool{true, false} {
			r := o.users(t, file, transfer.UsersOptions{DryRun: dry})
			if r.DryRun != dry {
				t.Errorf("DryRun is %v", r.DryRun)
			}
			expect(t, r, want)
		}
		grace, alan, ada := o.user(t, "grace"), o.user(t, "alan"), o.user(t, "ada")
		if ok, _, err := passwords.Verify(t.Context(), grace.PasswordHash, "Nanosecond-29.97cm"); err != nil || !ok {
			t.Errorf("grace cannot sign in: %v", err)
		}
		if diff := cmp.Diff(map[string]any{"rank": 3.0, "navy": true}, grace.Metadata); diff != "" || !slices.Equal(grace.Groups, []string{"sales", "staff"}) {
			t.Errorf("metadata %s, groups %v", diff, grace.Groups)
		}
		if alan.PasswordHash != hash || !alan.EmailVerified || alan.Disabled || !alan.CreatedAt.Equal(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)) {
			t.Errorf("alan is %+v", alan)
		}
		if ada.ID != "01890000-0000-7000-8000-000000000000" || ada.PasswordHash != "" {
			t.Errorf("ada is %+v", ada)
		}
		again := o.users(t, file, transfer.UsersOptions{Refusals: 1})
		if again.Created != 0 || again.Unchanged != 3 || again.Updated != 2 || len(again.Refusals) != 1 {
			t.Errorf("again: %s", summary(again)) // alan is disabled and enabled
		}
	})
}

func TestUsersCSV(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o office) {
		o.group(t, "staff", "sales")
		file := "\xEF\xBB\xBFusername,email,firstName,lastName,groups,emailVerified,disabled,metadata.phone,metadata.age,password\r\n" +
			`grace,grace@example.com,"Grace ""Amazing""","Hopper, USN",staff;sales,true,FALSE,'+1 555,json:85,` + "\r\n" +
			"\r\n" +
			`ada,ada@example.com,'t Hooft,,,,,"one` + "\r\n" + `two",,Analytical+Engine1` + "\n" +
			"few,cells\n" +
			`bad,bad@example.com,a"b,,,,,,,` + "\n" +
			`bad,bad@example.com,"a"b,,,,,,,` + "\n" +
			`bad,bad@example.com,,,,perhaps,,,,` + "\n" +
			`bad,bad@example.com,,,nobodies,,,,,` + "\n" +
			"b\xffd,bad@example.com,,,,,,,,\n" +
			`last,last@example.com,,,,,,,,`
		want := `9 lines: 3 created, 0 updated, 0 unchanged, 6 refused
6 IDE-0007 line
7 IDE-0007 line
8 IDE-0007 line
9 IDE-0002
10 IDE-1006 groups
11 IDE-0007 line`
		for _, format := range []string{transfer.FormatAuto, transfer.FormatCSV} {
			expect(t, o.users(t, file, transfer.UsersOptions{Format: format, DryRun: true}), want)
		}
		expect(t, o.users(t, file, transfer.UsersOptions{}), want)
		grace, ada := o.user(t, "grace"), o.user(t, "ada")
		if grace.FirstName != `Grace "Amazing"` || grace.LastName != "Hopper, USN" || !slices.Equal(grace.Groups, []string{"sales", "staff"}) || !grace.EmailVerified {
			t.Errorf("grace is %+v", grace)
		}
		if diff := cmp.Diff(map[string]any{"phone": "+1 555", "age": 85.0}, grace.Metadata); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
		if ada.FirstName != "'t Hooft" || ada.Metadata["phone"] != "one\r\ntwo" {
			t.Errorf("ada is %+v", ada)
		}
		if ok, _, err := passwords.Verify(t.Context(), ada.PasswordHash, "Analytical+Engine1"); err != nil || !ok {
			t.Errorf("ada cannot sign in: %v", err)
		}
	})
}

// A file that is not one of users is refused as a whole.
func TestUsersNoFileOfUsers(t *testing.T) {
	t.Parallel()
	o := newOffice(t, openSQLite(t))
	for name, tt := range map[string]struct {
		file, format string
		want         errors.Code
	}{
		"no header":           {"", transfer.FormatCSV, errors.IdentityMalformed},
		"unknown column":      {"username,shoe size\nada,38\n", "", errors.IdentityUnexpectedFields},
		"column twice":        {"username,username\nada,ada\n", "", errors.IdentityMalformed},
		"cut off":             {`[{"username":"ada","email":"ada@example.com"},`, "", errors.IdentityMalformed},
		"two documents":       {`[] []`, "", errors.IdentityMalformed},
		"users that are none": {`{"realm":"r","users":{"a":1}}`, "", errors.IdentityWrongType},
		"a value without end": {`["` + strings.Repeat("x", 20<<20), "", errors.IdentityMalformed},
		"a picture":           {"\x89PNG\r\n\x1a\n", "", errors.IdentityMalformed},
		"quotes without end":  {`"username`, "", errors.IdentityMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := transfer.Users(trusted(t.Context()), o.deps, strings.NewReader(tt.file), transfer.UsersOptions{Format: tt.format})
			if !errors.Is(err, tt.want) {
				t.Errorf("Users() = %v, want %v", err, tt.want)
			}
		})
	}
	for name, file := range map[string]string{"nothing": "", "empty lines": " \n\r\n\n", "an empty list": " [ ] ", "an empty realm": `{"realm":"r","users":[]}`} {
		if r := o.users(t, file, transfer.UsersOptions{}); r.Lines != 0 {
			t.Errorf("%s: %s", name, summary(r))
		}
	}
}

// What is saved in each transaction adds up, and an import that was interrupted
// goes on behind it.
func TestUsersGoOn(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o office) {
		const users = 3500
		var b strings.Builder
		for n := range users {
			if n%100 == 7 {
				b.WriteString("no user\n\n")
			}
			fmt.Fprintf(&b, `{"username":"user-%d","email":"user-%d@example.com"}`+"\n", n, n)
		}
		stop := errors.New("killed")
		var saved transfer.Report
		var refused []transfer.RefusedLine
		save := func(_ context.Context, before, after transfer.Report, lines []transfer.RefusedLine) error {
			if before.Lines != saved.Lines || after.Refused != before.Refused+len(lines) || after.Lines != after.Refused+after.Created {
				t.Errorf("from %s to %s with %d refused", summary(before), summary(after), len(lines))
			}
			if saved.Lines == 2000 {
				return stop
			}
			saved, refused = after, append(refused, lines...)
			return nil
		}
		var told []int
		_, err := transfer.Users(trusted(t.Context()), o.deps, strings.NewReader(b.String()), transfer.UsersOptions{
			Save: save, Progress: func(p transfer.Progress) { told = append(told, p.Lines) },
		})
		if !errors.Is(err, stop) || !slices.Equal(told, []int{1000, 2000, 2000}) {
			t.Fatalf("Users() = %v, told %v", err, told)
		}
		report, err := transfer.Users(trusted(t.Context()), o.deps, strings.NewReader(b.String()), transfer.UsersOptions{
			From: saved, Save: func(_ context.Context, before, after transfer.Report, lines []transfer.RefusedLine) error {
				saved, refused = after, append(refused, lines...)
				return nil
			},
		})
		if err != nil || report.Created != users || report.Updated+report.Unchanged != 0 || report.Refused != 35 || len(refused) != 35 {
			t.Errorf("report %s, %d refused, %v", summary(report), len(refused), err)
		}
		if refused[34].Line != 3408+2*34 {
			t.Errorf("last refused line %+v", refused[34])
		}
	})
}
