package transfer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// settleEvery is how many users are created before what they put off is written.
const settleEvery = 5000

// longestRecord is the longest line of an export that is read, in bytes.
const longestRecord = 16 << 20

// RestoreStore is what everything is copied to.
type RestoreStore interface {
	ExportStore
	InTx(ctx context.Context, f func(ctx context.Context) error) error
	Clear(ctx context.Context) (bool, error)
	Settle(ctx context.Context) error
	CreateProduct(ctx context.Context, product identity.Product) error
	CreateGroup(ctx context.Context, group identity.Group) error
	CreateUsers(ctx context.Context, users []identity.User) error
	CreatePairwiseSubjects(ctx context.Context, subjects []storage.PairwiseSubject) error
	CreateApplication(ctx context.Context, app identity.Application) error
	CreateConsentedScopes(ctx context.Context, scopes []storage.ConsentedScope) error
	ReplaceKeys(ctx context.Context, seen []string, create, change []storage.Key) (bool, error)
}

// RestoreOptions say how everything is read.
type RestoreOptions struct {
	Progress func(done, total int)                            // if it is not nil, is told of the records now and then
	CheckKey func(storage.Key) error                          // if it is not nil, says whether a signing key can be used here
	Done     func(ctx context.Context, restored Counts) error // if it is not nil, is called in the transaction when all is there
}

// Restore copies what Export has written to an empty database, all of it or
// nothing, and reads it back. It returns errors.Protected when the database is not
// empty, and errors that people can read when the file is not whole, was changed,
// or is none.
func Restore(ctx context.Context, into RestoreStore, file io.Reader, o RestoreOptions) (counts Counts, err error) {
	r := &restore{RestoreOptions: o, into: into, read: newSums(), lines: lines{r: bufio.NewReaderSize(file, peeked), most: longestRecord}}
	if err := r.header(); err != nil {
		return nil, err
	}
	err = into.InTx(ctx, func(ctx context.Context) error {
		empty, err := into.Clear(ctx)
		if err != nil {
			return err
		}
		if !empty {
			return errors.Protected.On(map[string]string{"database": "is not empty: there are users, groups, products or applications"})
		}
		if err := r.records(ctx); err != nil {
			return err
		}
		if err := r.verify(ctx); err != nil {
			return err
		}
		if o.Done == nil {
			return nil
		}
		return o.Done(ctx, r.read.counts)
	})
	return r.read.counts, err
}

// restore is a restoration under way.
type restore struct {
	RestoreOptions
	into  RestoreStore
	lines lines
	head  header
	read  *sums
	last  trailer

	// What is to be created, of one kind at a time.
	users    []identity.User
	subjects []storage.PairwiseSubject
	consents []storage.ConsentedScope

	unsettled int
	keys      []storage.Key
}

// broken is an error about the line that was read last.
func (r *restore) broken(format string, values ...any) error {
	return fmt.Errorf("line %d %s", r.lines.number, fmt.Sprintf(format, values...))
}

// next reads a line, and its kind.
func (r *restore) next() (kind string, line []byte, err error) {
	line, err = r.lines.line()
	switch {
	case errors.Is(err, io.EOF):
		return "", nil, errors.New("the file ends before its last line, the trailer: it was cut off")
	case errors.Is(err, errTooLong):
		return "", nil, r.broken("is longer than %d bytes", longestRecord)
	case err != nil:
		return "", nil, err
	}
	var is struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(line, &is); err != nil {
		return "", nil, r.broken("is not a record in JSON: the file was cut off or changed")
	}
	return is.Kind, line, nil
}

// header reads the first line.
func (r *restore) header() error {
	_, line, err := r.next()
	if err == nil {
		err = json.Unmarshal(line, &r.head)
	}
	if err != nil || r.head.Kind != kindHeader || r.head.Format != exportFormat {
		return errors.New("the file is not what gatehouse export writes")
	}
	if r.head.Version != exportVersion {
		return fmt.Errorf("the file has format version %d, and this release reads version %d: restore it with release %s, which wrote it",
			r.head.Version, exportVersion, r.head.Release)
	}
	return nil
}

// records creates all there is in the file.
func (r *restore) records(ctx context.Context) error {
	at := 0 // the kind that is read
	for {
		kind, line, err := r.next()
		if err != nil {
			return err
		}
		if kind == kindTrailer {
			return r.end(ctx, line)
		}
		n := slices.Index(Kinds, kind)
		if n < at {
			return r.broken("has a record of the kind %.20q, which does not belong there", kind)
		}
		if n > at {
			if err := r.flush(ctx); err != nil {
				return err
			}
			at = n
		}
		r.read.add(kind, line)
		if err := r.create(ctx, kind, line); err != nil {
			return err
		}
		if done := r.read.counts.Total(); r.Progress != nil && done%pageSize == 0 {
			r.Progress(done, r.head.Counts.Total())
		}
	}
}

// create creates what a record says: of what there may be many, some at once.
func (r *restore) create(ctx context.Context, kind string, line []byte) error {
	switch kind {
	case kindProduct:
		return create(r, line, func(p productRecord) error { return r.into.CreateProduct(ctx, identity.Product(p)) })
	case kindGroup:
		return create(r, line, func(g groupRecord) error { return r.into.CreateGroup(ctx, identity.Group(g)) })
	case kindUser:
		return create(r, line, func(u userRecord) error {
			r.users = append(r.users, identity.User(u))
			return r.flushFull(ctx, len(r.users))
		})
	case kindSubject:
		return create(r, line, func(s subjectRecord) error {
			r.subjects = append(r.subjects, storage.PairwiseSubject(s))
			return r.flushFull(ctx, len(r.subjects))
		})
	case kindConsent:
		return create(r, line, func(c consentRecord) error {
			r.consents = append(r.consents, storage.ConsentedScope(c))
			return r.flushFull(ctx, len(r.consents))
		})
	case kindApplication:
		return create(r, line, func(a applicationRecord) error { return r.into.CreateApplication(ctx, a.application()) })
	default:
		return create(r, line, func(k keyRecord) error {
			r.keys = append(r.keys, storage.Key(k))
			if r.CheckKey == nil {
				return nil
			}
			return r.CheckKey(storage.Key(k))
		})
	}
}

// create decodes a record and calls f with it.
func create[T any](r *restore, line []byte, f func(T) error) error {
	var record struct {
		Kind  string `json:"kind"`
		Value T      `json:"value"`
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&record); err != nil {
		return r.broken("is not a record of this release: %v", err)
	}
	if err := f(record.Value); err != nil {
		return fmt.Errorf("line %d: %w", r.lines.number, err)
	}
	return nil
}

// flushFull creates what waits, if it is so much.
func (r *restore) flushFull(ctx context.Context, waiting int) error {
	if waiting < batchSize {
		return nil
	}
	return r.flush(ctx)
}

// flush creates what waits.
func (r *restore) flush(ctx context.Context) error {
	if err := r.into.CreateUsers(ctx, r.users); err != nil {
		return err
	}
	if err := r.into.CreatePairwiseSubjects(ctx, r.subjects); err != nil {
		return err
	}
	if err := r.into.CreateConsentedScopes(ctx, r.consents); err != nil {
		return err
	}
	r.unsettled += len(r.users)
	r.users, r.subjects, r.consents = r.users[:0], r.subjects[:0], r.consents[:0]
	if r.unsettled < settleEvery {
		return nil
	}
	r.unsettled = 0
	return r.into.Settle(ctx)
}

// end reads the last line, and holds what was read to it.
func (r *restore) end(ctx context.Context, line []byte) error {
	if err := json.Unmarshal(line, &r.last); err != nil {
		return r.broken("is no trailer: %v", err)
	}
	if rest, err := r.lines.line(); !errors.Is(err, io.EOF) || len(rest) > 0 {
		return errors.Join(errors.New("the file goes on behind its trailer"), err)
	}
	if err := same(r.last, r.read.trailer(), "the file"); err != nil {
		return err
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	replaced, err := r.into.ReplaceKeys(ctx, nil, r.keys, nil)
	if err == nil && !replaced {
		return errors.New("a server has made signing keys meanwhile: stop it")
	}
	return err
}

// verify reads everything back.
func (r *restore) verify(ctx context.Context) error {
	stored := newSums()
	err := eachRecord(ctx, r.into, func(kind string, line []byte) error {
		stored.add(kind, line)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	return same(r.last, stored.trailer(), "the database")
}

// same says how records differ from those that a trailer tells of.
func same(want, got trailer, where string) error {
	for _, kind := range Kinds {
		if want.Counts[kind] != got.Counts[kind] {
			return fmt.Errorf("%s has %d records of the kind %s, and its trailer says %d", where, got.Counts[kind], kind, want.Counts[kind])
		}
		if want.SHA256[kind] != got.SHA256[kind] {
			return fmt.Errorf("%s has other records of the kind %s than were exported: their checksum differs", where, kind)
		}
	}
	if !maps.Equal(want.SHA256, got.SHA256) || !maps.Equal(want.Counts, got.Counts) {
		return errors.New("the trailer tells of kinds of records that this release does not know")
	}
	return nil
}
