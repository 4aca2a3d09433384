package transfer

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

// pageSize is how many users are read at once.
const pageSize = 1000

// mostColumns is how many keys of metadata can each have a column.
const mostColumns = 1000

// UsersReader is where users are read from, see identity.Users. All calls should
// see the same moment.
type UsersReader interface {
	UsersAfter(ctx context.Context, id string, limit int) ([]identity.User, error)
}

// WriteOptions say how users are written.
type WriteOptions struct {
	Format   string          // FormatCSV or FormatNDJSON
	Hashes   bool            // with the hashes of their passwords
	Progress func(users int) // if it is not nil, is told now and then how many are written
}

// WriteUsers writes all users, those created first at the top, in a form that
// Users makes the same users of, and says how many they are.
func WriteUsers(ctx context.Context, from UsersReader, to io.Writer, o WriteOptions) (int, error) {
	write := writeLine
	if o.Format == FormatCSV {
		keys, err := metadataKeys(ctx, from)
		if err != nil {
			return 0, err
		}
		t := table{hashes: o.Hashes, keys: keys}
		if _, err := io.WriteString(to, t.head()); err != nil {
			return 0, err
		}
		write = t.write
	}
	written := 0
	err := eachPage(ctx, from, func(users []identity.User) error {
		for _, user := range users {
			if !o.Hashes {
				user.PasswordHash = ""
			}
			if err := write(to, user); err != nil {
				return err
			}
		}
		written += len(users)
		if o.Progress != nil {
			o.Progress(written)
		}
		return nil
	})
	return written, err
}

// eachPage calls f with all users, a thousand at a time.
func eachPage(ctx context.Context, from UsersReader, f func([]identity.User) error) error {
	for after := ""; ; {
		users, err := from.UsersAfter(ctx, after, pageSize)
		if err != nil || len(users) == 0 {
			return err
		}
		if err := f(users); err != nil {
			return err
		}
		after = users[len(users)-1].ID
	}
}

// userLine is a user as wire.ParseUserLine reads it.
type userLine struct {
	ID            string         `json:"id"`
	Username      string         `json:"username"`
	Email         string         `json:"email"`
	EmailVerified bool           `json:"emailVerified"`
	FirstName     string         `json:"firstName"`
	LastName      string         `json:"lastName"`
	Groups        []string       `json:"groups"`
	Disabled      bool           `json:"disabled"`
	Metadata      map[string]any `json:"metadata"`
	CreatedAt     time.Time      `json:"createdAt"`
	PasswordHash  string         `json:"passwordHash,omitempty"`
}

func writeLine(to io.Writer, u identity.User) error {
	line := userLine{
		ID: u.ID, Username: u.Username, Email: u.Email, EmailVerified: u.EmailVerified, FirstName: u.FirstName, LastName: u.LastName,
		Groups: u.Groups, Disabled: u.Disabled, Metadata: u.Metadata, CreatedAt: u.CreatedAt.UTC(), PasswordHash: u.PasswordHash,
	}
	if line.Groups == nil {
		line.Groups = []string{}
	}
	if line.Metadata == nil {
		line.Metadata = map[string]any{}
	}
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line)
}

// metadataKeys are the keys that any user has in its metadata, sorted.
func metadataKeys(ctx context.Context, from UsersReader) ([]string, error) {
	keys := make(map[string]bool)
	err := eachPage(ctx, from, func(users []identity.User) error {
		for _, user := range users {
			for key := range user.Metadata {
				keys[key] = true
			}
		}
		if len(keys) > mostColumns {
			return errors.New("metadata has more than " + strconv.Itoa(mostColumns) + " different keys, which is too many for columns: export NDJSON")
		}
		return nil
	})
	return slices.Sorted(maps.Keys(keys)), err
}

// table writes CSV.
type table struct {
	hashes bool
	keys   []string // of metadata
}

func (t table) head() string {
	head := []string{"id", "username", "email", "emailVerified", "firstName", "lastName", "groups", "disabled", "createdAt"}
	if t.hashes {
		head = append(head, "passwordHash")
	}
	for _, key := range t.keys {
		head = append(head, metadataColumn+key)
	}
	return csvLine(head)
}

func (t table) write(to io.Writer, u identity.User) error {
	cells := []string{
		u.ID, u.Username, u.Email, strconv.FormatBool(u.EmailVerified), u.FirstName, u.LastName,
		strings.Join(u.Groups, ";"), strconv.FormatBool(u.Disabled), u.CreatedAt.UTC().Format(time.RFC3339Nano),
	}
	if t.hashes {
		cells = append(cells, u.PasswordHash)
	}
	for _, key := range t.keys {
		cell := ""
		if value, there := u.Metadata[key]; there {
			cell = metadataCell(value)
		}
		cells = append(cells, cell)
	}
	_, err := io.WriteString(to, csvLine(cells))
	return err
}

// csvLine is one record (RFC 4180 §2).
func csvLine(cells []string) string {
	var b strings.Builder
	for n, cell := range cells {
		if n > 0 {
			b.WriteByte(',')
		}
		cell = guard(cell)
		if strings.ContainsAny(cell, ",\"\r\n") || strings.TrimSpace(cell) != cell {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(cell)
	}
	b.WriteString("\r\n")
	return b.String()
}
