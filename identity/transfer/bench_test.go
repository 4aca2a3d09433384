package transfer_test

import (
	"bytes"
	"fmt"
	"testing"

	"gatehouse/identity/transfer"
	"gatehouse/storage/storagetest"
)

// file is NDJSON with users who have a password hash and a group.
func file(users int) []byte {
	var b bytes.Buffer
	for n := range users {
		mixed := n * 7919 % 1_000_003
		fmt.Fprintf(&b, `{"username":"user%07d","email":"user%07d@example.com","firstName":"First%d","lastName":"Last%d",`+
			`"groups":["everyone"],"emailVerified":true,"passwordHash":"$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"}`+"\n",
			mixed, mixed, mixed%2011, mixed%50033)
	}
	return b.Bytes()
}

// How many users with password hashes are imported in a second, and how many are
// found to be there already.
func BenchmarkUsers(b *testing.B) {
	const users = 50_000
	for _, db := range []storagetest.Database{
		{Name: "sqlite", DSN: storagetest.SQLite}, {Name: "postgres", DSN: storagetest.DurablePostgres},
	} {
		b.Run(db.Name, func(b *testing.B) {
			text := file(users)
			for b.Loop() {
				o := newOffice(b, db.Open(b))
				o.group(b, "everyone")
				for _, run := range []struct {
					metric  string
					options transfer.UsersOptions
				}{
					{"dry-users/s", transfer.UsersOptions{DryRun: true}},
					{"created-users/s", transfer.UsersOptions{}},
					{"unchanged-users/s", transfer.UsersOptions{}},
				} {
					began := b.Elapsed()
					report, err := transfer.Users(trusted(b.Context()), o.deps, bytes.NewReader(text), run.options)
					if err != nil || report.Refused > 0 || report.Lines != users {
						b.Fatalf("%+v, %v", report, err)
					}
					b.ReportMetric(users/(b.Elapsed()-began).Seconds(), run.metric)
				}
			}
		})
	}
}
