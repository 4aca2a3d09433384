package explain

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/server/quota"
	"gatehouse/storage"
)

// Run writes records until ctx ends, and then those that wait.
func (r *Recorder) Run(ctx context.Context) error {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			r.flush(context.WithoutCancel(ctx))
			return nil
		case <-tick.C:
			r.write(context.WithoutCancel(ctx), r.next())
		}
	}
}

// flush writes all that waits, as long as that takes no longer than one write may.
func (r *Recorder) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	for batch := r.next(); len(batch) > 0; batch = r.next() {
		r.write(ctx, batch)
	}
}

// next returns the records to write with the next statement.
func (r *Recorder) next() []refusal {
	var batch []refusal
	for len(batch) < mostAtOnce {
		select {
		case next := <-r.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// write writes records. Those that the database does not take are dropped; that
// is logged when it begins and when it is over.
func (r *Recorder) write(ctx context.Context, batch []refusal) {
	if len(batch) == 0 {
		return
	}
	rows, giveWay := r.room(batch)
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	err := r.Store.AddRefusals(ctx, rows)
	if err == nil {
		err = r.Store.DeleteRefusals(ctx, giveWay) // some of which may be among rows
	}
	switch {
	case err != nil:
		r.Dropped(DroppedDatabase, len(rows))
		if !r.away {
			r.Log.WarnContext(ctx, "refusals not recorded", "error", err)
		}
	case r.away:
		r.Log.InfoContext(ctx, "refusals recorded again")
	}
	if r.away = err != nil; !r.away {
		r.Recorded(len(rows))
	}
}

// room returns the rows of records, and those that have to give way to them.
func (r *Recorder) room(batch []refusal) (rows, giveWay []storage.Refusal) {
	for _, next := range batch {
		row := r.row(next)
		gone, ok := r.bound.Add(row.ID, storage.Refusal{ID: row.ID, RequestID: row.RequestID}, len(row.Record), quota.Stranger(next.record.Address))
		giveWay = append(giveWay, gone...)
		if !ok {
			r.Dropped(DroppedAddress, 1)
			continue
		}
		rows = append(rows, row)
	}
	return rows, giveWay
}

func (r *Recorder) row(next refusal) storage.Refusal {
	record, trail := next.record, next.trail
	record.ID = storage.NewID(record.Time)
	record.Cause = scrub(record.Cause)
	record.UserAgent = strings.Map(printable, record.UserAgent)
	record.ClientID = trail.clientID
	if trail.caller.Type != "" {
		record.Caller = &trail.caller
	}
	for name, reason := range record.Fields {
		record.Fields[name] = scrub(reason)
	}
	record.Checks = r.outcomes(&trail)
	text, _ := json.Marshal(record) // texts and numbers: it cannot fail
	return storage.Refusal{
		ID:        record.ID,
		RequestID: record.RequestID,
		At:        record.Time,
		Record:    text,
		ExpiresAt: record.Time.Add(keptFor),
	}
}

func (r *Recorder) outcomes(t *Trail) []Outcome {
	outcomes, failures := make([]Outcome, t.taken), t.failures
	for i := range outcomes {
		outcomes[i] = Outcome{Check: t.steps[i].String(), Passed: t.failed&(1<<i) == 0}
		if !outcomes[i].Passed {
			outcomes[i].Got, outcomes[i].Want = r.compared(failures[0])
			failures = failures[1:]
		}
	}
	return outcomes
}

// compared is what was compared, secrets as their fingerprints.
func (r *Recorder) compared(f failure) (got, want string) {
	got, want = strings.Map(printable, f.got), strings.Map(printable, f.want)
	if f.sent != "" {
		got = strings.TrimSpace(got + " fingerprint " + r.Master.Fingerprint(f.sent))
	}
	if f.stored != nil {
		want = r.stored(f.stored)
	}
	return got, want
}

// stored are the fingerprints of an application's secrets, and until when each is good.
func (r *Recorder) stored(secrets []identity.ClientSecret) string {
	shown := make([]string, len(secrets))
	for i, s := range secrets {
		fingerprint, today := r.Master.FingerprintOf(s.Hash)
		shown[i] = "fingerprint " + fingerprint
		if !today {
			shown[i] += " under an older master secret"
		}
		if !s.ExpiresAt.IsZero() {
			shown[i] += " until " + At(s.ExpiresAt)
		}
	}
	return strings.Join(shown, ", ")
}

// At is a time as a record shows it.
func At(t time.Time) string { return t.UTC().Format(time.RFC3339) }
