package transfer

import "gatehouse/errors"

// Progress is how far an import has come.
type Progress struct {
	Report
	Bytes int64 // of the file that were read
}

// Report is what became of the lines of a file. Of a JSON document and of CSV the
// records count as lines.
type Report struct {
	DryRun    bool
	Lines     int // how many there were
	Created   int
	Updated   int
	Unchanged int
	Refused   int
	Refusals  []RefusedLine // the first ones, see UsersOptions.Refusals
}

// RefusedLine is a line that was refused, and why.
type RefusedLine struct {
	Line    int               `json:"line"` // from 1
	Code    string            `json:"code"`
	Title   string            `json:"title"`
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields,omitempty"`
}

func refusal(line int, err error) RefusedLine {
	fault := errors.From(err)
	code := fault.Identity()
	return RefusedLine{Line: line, Code: code.ID, Title: code.Title, Message: code.Message, Fields: fault.Fields}
}
