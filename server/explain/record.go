package explain

import (
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/storage"
)

// Record is why one request was refused, as it is kept and shown.
type Record struct {
	ID        string            `json:"id"` // UUIDv7
	RequestID string            `json:"requestId"`
	Time      time.Time         `json:"time"`
	Method    string            `json:"method"`
	Route     string            `json:"route,omitempty"` // the pattern; empty where there is no such address
	Status    int               `json:"status"`
	Code      string            `json:"code"`
	Fields    map[string]string `json:"fields,omitempty"`
	Cause     string            `json:"cause,omitempty"` // what the log says
	Address   string            `json:"address,omitempty"`
	UserAgent string            `json:"userAgent,omitempty"`
	Caller    *Caller           `json:"caller,omitempty"`
	ClientID  string            `json:"clientId,omitempty"`
	Checks    []Outcome         `json:"checks"`
}

// Outcome is what became of one check.
type Outcome struct {
	Check  string `json:"check"`
	Says   string `json:"says,omitempty"` // what the check is; see Explain
	Passed bool   `json:"passed"`
	Got    string `json:"got,omitempty"`
	Want   string `json:"want,omitempty"`
}

// Decode reads a record as it was stored.
func Decode(r storage.Refusal) (Record, error) {
	var record Record
	if err := json.Unmarshal(r.Record, &record); err != nil {
		return Record{}, fmt.Errorf("read the record of a refusal: %w", err)
	}
	record.ID, record.RequestID, record.Time = r.ID, r.RequestID, r.At
	return record, nil
}
