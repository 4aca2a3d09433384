package explain

import (
	"context"

	"gatehouse/errors"
	"gatehouse/storage"
)

// Explanation is a record with what the catalogue says about its code.
type Explanation struct {
	Record
	Title   string `json:"title"`
	Message string `json:"message"` // as clients read it, but for values that were filled in
	Help    Help   `json:"help"`
}

// Help is errors.Help.
type Help struct {
	Means  string   `json:"means"`
	Causes []string `json:"causes"`
	Steps  []string `json:"steps"`
}

// Explain adds to a record what its code and its checks mean.
func (r Record) Explain() Explanation {
	for i := range r.Checks {
		r.Checks[i].Says = says(r.Checks[i].Check)
	}
	e := Explanation{Record: r}
	if code, ok := errors.Lookup(r.Code); ok {
		help := code.Help()
		e.Title, e.Message = code.Title, errors.From(code).Text()
		e.Help = Help{help.Means, help.Causes, help.Steps}
	}
	return e
}

// Read returns why requests with an id were refused, the last one first, or
// errors.RefusalNotFound.
func Read(ctx context.Context, store storage.Refusals, requestID string) ([]Explanation, error) {
	refusals, err := store.Refusals(ctx, requestID)
	if err != nil {
		return nil, err
	}
	if len(refusals) == 0 {
		return nil, errors.RefusalNotFound
	}
	all := make([]Explanation, len(refusals))
	for i, r := range refusals {
		record, err := Decode(r)
		if err != nil {
			return nil, err
		}
		all[i] = record.Explain()
	}
	return all, nil
}
