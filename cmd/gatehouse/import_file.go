package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"gatehouse/errors"
	"gatehouse/identity/transfer"
	"gatehouse/storage"
)

// importFile is a file of users.
type importFile struct {
	io.Reader
	close  func()
	size   int64
	digest string // SHA-256 in hexadecimal; empty for what can be read only once
}

// openImport opens a file of users; "-" is the standard input.
func (c *cli) openImport(path string) (*importFile, error) {
	if path == "-" {
		return &importFile{Reader: c.stdin, close: func() {}}, nil
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, misused("there is no file %s", path)
	}
	if err != nil {
		return nil, err
	}
	f := &importFile{Reader: file, close: func() { _ = file.Close() }}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = f.measure(file)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// measure reads the file once: by what is in it an import that was interrupted
// is known again.
func (f *importFile) measure(file *os.File) (err error) {
	hash := sha256.New()
	if f.size, err = io.Copy(hash, file); err != nil {
		return err
	}
	f.digest = hex.EncodeToString(hash.Sum(nil))
	_, err = file.Seek(0, io.SeekStart)
	return err
}

// id is what the import of the file with these options is saved under.
func (f *importFile) id(o importUsers) string {
	id := sha256.Sum256([]byte(f.digest + " " + o.format + " " + o.key))
	return hex.EncodeToString(id[:])
}

// part is how much of the file so many bytes are; below 0 if nobody knows.
func (f *importFile) part(bytes int64) float64 {
	if f.digest == "" {
		return -1
	}
	return float64(bytes) / float64(max(f.size, 1))
}

// refusedReport is the file with all refused lines.
type refusedReport struct {
	file *os.File
	ends map[int]int64 // by the lines imported: where the report of them ends
}

// openReport opens a report (empty path: none), which is emptied but for what it
// tells of the lines that were imported before.
func openReport(path string, from storage.Import) (*refusedReport, error) {
	r := &refusedReport{ends: map[int]int64{from.Lines: 0}}
	if path == "" {
		return r, nil
	}
	var err error
	if r.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("open the report: %w", err)
	}
	info, err := r.file.Stat()
	if err != nil {
		return nil, errors.Join(err, r.file.Close())
	}
	r.ends[from.Lines] = min(info.Size(), from.ReportBytes)
	return r, r.file.Truncate(r.ends[from.Lines])
}

// put adds refused lines to a report, behind those of the lines before, and
// returns how long it is. What it added behind the same lines when a transaction
// failed is replaced.
func (r *refusedReport) put(before, after transfer.Report, lines []transfer.RefusedLine) (int64, error) {
	if r.file == nil {
		return 0, nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return 0, err
		}
	}
	start := r.ends[before.Lines]
	if err := r.file.Truncate(start); err != nil {
		return 0, err
	}
	if _, err := r.file.WriteAt(b.Bytes(), start); err != nil {
		return 0, err
	}
	end := start + int64(b.Len())
	r.ends = map[int]int64{before.Lines: start, after.Lines: end}
	return end, nil
}

func (r *refusedReport) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// printRefusals prints the first refused lines.
func (c *cli) printRefusals(r transfer.Report) {
	for _, line := range r.Refusals {
		reasons := []string{line.Message}
		if len(line.Fields) > 0 {
			reasons = nil
			for _, name := range slices.Sorted(maps.Keys(line.Fields)) {
				reasons = append(reasons, name+" "+line.Fields[name])
			}
		}
		fmt.Fprintf(c.stdout, "line %d  %s %s: %s\n", line.Line, line.Code, line.Title, strings.Join(reasons, "; "))
	}
	if more := r.Refused - len(r.Refusals); more > 0 {
		fmt.Fprintf(c.stdout, "and %d more; --report FILE has them all\n", more)
	}
}
