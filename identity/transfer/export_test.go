package transfer

import (
	"io"

	"gatehouse/errors"
	"gatehouse/identity/registry"
)

// ReadUsers reads the users in a file and counts the lines that cannot be read.
func ReadUsers(file io.Reader, format string, parse func([]byte) (map[string]any, error)) (users []registry.Imported, numbers []int, refused int, err error) {
	lines, err := open(file, format, parse)
	if err != nil {
		return nil, nil, 0, err
	}
	for {
		record, err := lines.next()
		if errors.Is(err, io.EOF) {
			return users, numbers, refused, nil
		}
		if err != nil {
			return users, numbers, refused, err
		}
		numbers = append(numbers, record.line)
		if record.err != nil {
			refused++
			continue
		}
		user, err := parseUser(record.object, parse)
		if err != nil {
			refused++
			continue
		}
		users = append(users, user)
	}
}

// Guard and Unguard are what keeps cells from being formulas.
var (
	Guard   = guard
	Unguard = unguard
)

// MetadataCell and MetadataOf are how metadata is a cell.
var (
	MetadataCell = metadataCell
	MetadataOf   = metadataOf
)
