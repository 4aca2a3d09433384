package transfer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gatehouse/errors"
)

// The columns of CSV, and what the ones with metadata begin with. An empty cell
// says nothing of the user.
const metadataColumn = "metadata."

var columns = []string{
	"id", "username", "email", "emailVerified", "firstName", "lastName", "groups", "disabled", "createdAt", "password", "passwordHash",
}

// csvFile is a file as RFC 4180 describes it. Lines may end in LF alone, and what
// is inside quotes is kept to the byte.
type csvFile struct {
	r      *bufio.Reader
	header []string
	number int // of the line that is read next
	size   int // of the record that is being read, in bytes
	last   byte
}

// newCSV reads the header.
func newCSV(r *bufio.Reader) (*csvFile, error) {
	f := &csvFile{r: r, number: 1}
	_, header, fault, err := f.record()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.IdentityMalformed.On(map[string]string{"header": "is missing"})
	case err != nil:
		return nil, err
	case fault != "":
		return nil, errors.IdentityMalformed.On(map[string]string{"header": fault})
	}
	if most := len(columns) + mostColumns; len(header) > most {
		return nil, errors.IdentityMalformed.On(map[string]string{"header": fmt.Sprintf("has more than %d columns", most)})
	}
	unknown := make(map[string]string)
	for n, name := range header {
		isMetadata := strings.HasPrefix(name, metadataColumn)
		switch {
		case slices.Contains(header[:n], name):
			return nil, errors.IdentityMalformed.On(map[string]string{"header": fmt.Sprintf("has the column %.100q twice", name)})
		case !slices.Contains(columns, name) && !isMetadata:
			unknown[short(name)] = "is not a column of users"
		}
	}
	if len(unknown) > 0 {
		return nil, errors.IdentityUnexpectedFields.On(unknown)
	}
	f.header = header
	return f, nil
}

// short is the beginning of a name that anybody may have made up.
func short(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), 100)], "\uFFFD")
}

func (f *csvFile) next() (record, error) {
	number, cells, fault, err := f.record()
	if err != nil {
		return record{}, err
	}
	if fault == "" && len(cells) != len(f.header) {
		fault = fmt.Sprintf("has %d cells, and the header %d", len(cells), len(f.header))
	}
	if fault != "" {
		return record{line: number, err: errors.IdentityMalformed.On(map[string]string{"line": fault})}, nil
	}
	object, err := f.object(cells)
	return record{number, object, err}, nil
}

// object is a record as NDJSON would have it.
func (f *csvFile) object(cells []string) (map[string]any, error) {
	object := make(map[string]any, len(cells))
	metadata := make(map[string]any)
	wrong := make(map[string]string)
	for n, cell := range cells {
		if cell == "" {
			continue
		}
		switch name := f.header[n]; name {
		case "emailVerified", "disabled":
			flag, err := strconv.ParseBool(strings.ToLower(cell))
			if err != nil {
				wrong[name] = "must be true or false"
			}
			object[name] = flag
		case "groups":
			object[name] = groupsOf(cell)
		default:
			key, isMetadata := strings.CutPrefix(name, metadataColumn)
			if !isMetadata {
				object[name] = unguard(cell)
				continue
			}
			value, ok := metadataOf(unguard(cell))
			if !ok {
				wrong[short(name)] = "must be JSON behind " + jsonMark
			}
			metadata[key] = value
		}
	}
	if len(metadata) > 0 {
		object["metadata"] = metadata
	}
	if len(wrong) > 0 {
		return nil, errors.IdentityWrongType.On(wrong)
	}
	return object, nil
}

// groupsOf are the groups in a cell.
func groupsOf(cell string) []any {
	groups := []any{}
	for group := range strings.SplitSeq(cell, ";") {
		if group = strings.TrimSpace(group); group != "" {
			groups = append(groups, group)
		}
	}
	return groups
}

// record reads the next record that is not empty, the number of its first line,
// and what is wrong with it.
func (f *csvFile) record() (number int, cells []string, fault string, err error) {
	for {
		number, f.size = f.number, 0
		cells, fault, err = f.cells()
		if err != nil || fault != "" || len(cells) > 1 || cells[0] != "" {
			return number, cells, fault, err
		}
	}
}

// cells reads one record.
func (f *csvFile) cells() (cells []string, fault string, err error) {
	for {
		cell, last, fault, err := f.cell()
		switch {
		case err != nil:
			return nil, "", err
		case fault != "":
			return nil, fault, f.skipLine()
		case !utf8.Valid(cell) || bytes.IndexByte(cell, 0) >= 0:
			return nil, "is not UTF-8, or holds a NUL character", f.skipLine()
		}
		cells = append(cells, string(cell))
		if last {
			return cells, "", nil
		}
	}
}

// cell reads one cell; last means that a line or the file ends behind it.
func (f *csvFile) cell() (cell []byte, last bool, fault string, err error) {
	c, err := f.byte()
	if errors.Is(err, io.EOF) && f.size > 0 {
		return nil, true, "", nil // behind the last comma
	}
	if err != nil {
		return nil, false, "", err
	}
	if c == '"' {
		return f.quoted()
	}
	for {
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return nil, false, "", err
		case err != nil, c == '\n':
			return bytes.TrimSuffix(cell, []byte{'\r'}), true, "", nil
		case c == ',':
			return cell, false, "", nil
		case c == '"':
			return nil, false, "has a quote inside a cell that does not begin with one", nil
		case f.size > maxLine:
			return nil, false, "is longer than 1 MiB", nil
		}
		cell = append(cell, c)
		c, err = f.byte()
	}
}

// quoted reads a cell behind its quote.
func (f *csvFile) quoted() (cell []byte, last bool, fault string, err error) {
	for {
		c, err := f.byte()
		switch {
		case errors.Is(err, io.EOF):
			return nil, false, "has no closing quote", nil
		case err != nil:
			return nil, false, "", err
		case f.size > maxLine:
			return nil, false, "is longer than 1 MiB, or has no closing quote", nil
		case c != '"':
			cell = append(cell, c)
			continue
		}
		if c, err = f.byte(); c == '"' && err == nil {
			cell = append(cell, c)
			continue
		}
		if c == '\r' && err == nil {
			if c, err = f.byte(); err == nil && c != '\n' {
				c = '\r'
			}
		}
		switch {
		case errors.Is(err, io.EOF), err == nil && c == '\n':
			return cell, true, "", nil
		case err != nil:
			return nil, false, "", err
		case c == ',':
			return cell, false, "", nil
		}
		return nil, false, "has text behind a closing quote", nil
	}
}

func (f *csvFile) byte() (byte, error) {
	c, err := f.r.ReadByte()
	if err != nil {
		return 0, err
	}
	f.size++
	f.last = c
	if c == '\n' {
		f.number++
	}
	return c, nil
}

// skipLine reads to the end of a line that is not understood.
func (f *csvFile) skipLine() error {
	for f.last != '\n' {
		if _, err := f.byte(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return nil
}
