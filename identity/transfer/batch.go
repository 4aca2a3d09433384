package transfer

import (
	"slices"

	"gatehouse/identity/registry"
)

// batch is the lines of a file that are written together.
type batch struct {
	lines   []line
	good    []registry.Imported     // the users in them
	results []registry.ImportResult // what becomes of those
	end     int64                   // bytes of the file up to here
}

// line is a user in a file, or why it cannot be read.
type line struct {
	number int
	err    error
	good   int // index among the users of the batch
}

// covered is how many lines are behind an import with so many of the users; all
// of them when it is done with the batch.
func (b *batch) covered(users int, done bool) int {
	if done {
		return len(b.lines)
	}
	if users == 0 {
		return 0
	}
	for n, l := range b.lines {
		if l.err == nil && l.good == users-1 {
			return n + 1
		}
	}
	return len(b.lines)
}

// fault is why a line is refused, or nil.
func (b *batch) fault(l line) error {
	if l.err != nil {
		return l.err
	}
	return b.results[l.good].Err
}

// refused are the lines among those from one up to another that are refused.
func (b *batch) refused(from, to int) (refused []RefusedLine) {
	for _, l := range b.lines[from:to] {
		if err := b.fault(l); err != nil {
			refused = append(refused, refusal(l.number, err))
		}
	}
	return refused
}

// tally adds the lines from one up to another to a report that lists so many
// refusals at most.
func (b *batch) tally(r Report, from, to, refusals int) Report {
	for _, l := range b.lines[from:to] {
		r.Lines++
		if err := b.fault(l); err != nil {
			r.Refused++
			if len(r.Refusals) < refusals {
				r.Refusals = append(slices.Clip(r.Refusals), refusal(l.number, err))
			}
			continue
		}
		switch b.results[l.good].Outcome {
		case registry.ImportCreated:
			r.Created++
		case registry.ImportUpdated:
			r.Updated++
		default:
			r.Unchanged++
		}
	}
	return r
}
