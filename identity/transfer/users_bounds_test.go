package transfer_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/identity/transfer"
)

// However long the lines of a file are, few megabytes of them are in memory.
func TestUsersAreBatchedBySize(t *testing.T) {
	t.Parallel()
	o := newOffice(t, openSQLite(t))
	line := `{"username":"ada","metadata":{"note":"` + strings.Repeat("x", 500_000) + `"}}` + "\n"
	lines, most := 0, 0
	o.users(t, strings.Repeat(line, 40), transfer.UsersOptions{DryRun: true, Progress: func(p transfer.Progress) {
		lines, most = p.Lines, max(most, p.Lines-lines)
	}})
	if lines != 40 || most > 10 {
		t.Errorf("%d lines in batches of up to %d, want 40 in batches of 10 at most", lines, most)
	}
}

func TestUsersCSVHasNotTooManyColumns(t *testing.T) {
	t.Parallel()
	o := newOffice(t, openSQLite(t))
	for columns, want := range map[int]error{1000: nil, 1011: errors.IdentityMalformed, 70_000: errors.IdentityMalformed} {
		var header strings.Builder
		header.WriteString("username")
		for n := range columns {
			fmt.Fprintf(&header, ",metadata.%x", n)
		}
		_, err := transfer.Users(trusted(t.Context()), o.deps, strings.NewReader(header.String()), transfer.UsersOptions{Format: transfer.FormatCSV})
		if !errors.Is(err, want) || want != nil && !strings.Contains(errors.From(err).Fields["header"], "more than 1011 columns") {
			t.Errorf("%d columns of metadata: %v %v, want %v", columns, err, errors.From(err), want)
		}
	}
}
