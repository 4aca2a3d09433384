package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"gatehouse/identity"
	"gatehouse/storage"
)

// What an export says of itself.
const (
	exportFormat  = "gatehouse-export"
	exportVersion = 3
)

// The kinds of record, in their order: what is referred to comes first.
const (
	kindHeader      = "header"
	kindProduct     = "product"
	kindGroup       = "group"
	kindUser        = "user"
	kindSubject     = "subject" // by which sub applications know a user
	kindApplication = "application"
	kindConsent     = "consent" // to one scope
	kindKey         = "key"
	kindTrailer     = "trailer"
)

// Kinds are all of them, but the first and the last line.
var Kinds = []string{kindProduct, kindGroup, kindUser, kindSubject, kindApplication, kindConsent, kindKey}

// Counts says how many records there are of each kind.
type Counts map[string]int

// Total is how many there are of all kinds.
func (c Counts) Total() (total int) {
	for _, n := range c {
		total += n
	}
	return total
}

// header is the first line of an export.
type header struct {
	Kind      string    `json:"kind"`
	Format    string    `json:"format"`
	Version   int       `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
	Release   string    `json:"release"`
	Counts    Counts    `json:"counts"`
}

// trailer is its last line: how many records there are of each kind, and the
// SHA-256 of their lines, with their ends, in hexadecimal.
type trailer struct {
	Kind   string            `json:"kind"`
	Counts Counts            `json:"counts"`
	SHA256 map[string]string `json:"sha256"`
}

// ExportStore is what is copied.
type ExportStore interface {
	Snapshot(ctx context.Context, f func(ctx context.Context) error) error
	Counts(ctx context.Context) (storage.Counts, error)
	Products(ctx context.Context) ([]identity.Product, error)
	Groups(ctx context.Context, page identity.Page) ([]identity.Group, int, error)
	UsersAfter(ctx context.Context, id string, limit int) ([]identity.User, error)
	Applications(ctx context.Context, page identity.Page) ([]identity.Application, int, error)
	PairwiseSubjectsAfter(ctx context.Context, after storage.PairwiseSubject, limit int) ([]storage.PairwiseSubject, error)
	ConsentedScopesAfter(ctx context.Context, after storage.ConsentedScope, limit int) ([]storage.ConsentedScope, error)
	Keys(ctx context.Context) ([]storage.Key, error)
}

// ExportOptions say how everything is written.
type ExportOptions struct {
	Release  string                // of this program, for those who read the file
	Now      time.Time             // when the export is made
	Progress func(done, total int) // if it is not nil, is told of the records now and then
}

// Export writes everything as it is at one moment, one record a line.
func Export(ctx context.Context, from ExportStore, to io.Writer, o ExportOptions) (counts Counts, err error) {
	err = from.Snapshot(ctx, func(ctx context.Context) error {
		stored, err := from.Counts(ctx)
		if err != nil {
			return err
		}
		expected := Counts{
			kindProduct: stored.Products, kindGroup: stored.Groups, kindUser: stored.Users, kindSubject: stored.Subjects,
			kindApplication: stored.Applications, kindConsent: stored.Consents, kindKey: stored.Keys,
		}
		head := header{Kind: kindHeader, Format: exportFormat, Version: exportVersion, CreatedAt: o.Now.UTC(), Release: o.Release, Counts: expected}
		text, err := encode(head)
		if err != nil {
			return err
		}
		if _, err := to.Write(text); err != nil {
			return err
		}
		sums := newSums()
		err = eachRecord(ctx, from, func(kind string, line []byte) error {
			sums.add(kind, line)
			if done := sums.counts.Total(); o.Progress != nil && done%pageSize == 0 {
				o.Progress(done, expected.Total())
			}
			_, err := to.Write(line)
			return err
		})
		if err != nil {
			return err
		}
		text, err = encode(sums.trailer())
		if err != nil {
			return err
		}
		counts = sums.counts
		_, err = to.Write(text)
		return err
	})
	return counts, err
}

// eachRecord calls write with the line of each record.
func eachRecord(ctx context.Context, from ExportStore, write func(kind string, line []byte) error) error {
	record := func(kind string, value any) error {
		line, err := encode(struct {
			Kind  string `json:"kind"`
			Value any    `json:"value"`
		}{kind, value})
		if err != nil {
			return fmt.Errorf("write a %s: %w", kind, err)
		}
		return write(kind, line)
	}
	for _, each := range []func() error{
		func() error {
			products, err := from.Products(ctx)
			return eachOf(products, err, func(p identity.Product) error { return record(kindProduct, productRecord(p)) })
		},
		func() error {
			return eachNumbered(ctx, from.Groups, func(g identity.Group) error { return record(kindGroup, groupRecord(g)) })
		},
		func() error {
			return eachPage(ctx, from, func(users []identity.User) error {
				return eachOf(users, nil, func(u identity.User) error { return record(kindUser, userRecord(u)) })
			})
		},
		func() error {
			return eachAfter(ctx, from.PairwiseSubjectsAfter, func(s storage.PairwiseSubject) error { return record(kindSubject, subjectRecord(s)) })
		},
		func() error {
			return eachNumbered(ctx, from.Applications, func(a identity.Application) error { return record(kindApplication, newApplicationRecord(a)) })
		},
		func() error {
			return eachAfter(ctx, from.ConsentedScopesAfter, func(c storage.ConsentedScope) error { return record(kindConsent, consentRecord(c)) })
		},
		func() error {
			keys, err := from.Keys(ctx)
			return eachOf(keys, err, func(k storage.Key) error { return record(kindKey, keyRecord(k)) })
		},
	} {
		if err := each(); err != nil {
			return err
		}
	}
	return nil
}

// eachOf calls f with all entries of a list, if it could be read.
func eachOf[T any](list []T, err error, f func(T) error) error {
	for _, entry := range list {
		if err == nil {
			err = f(entry)
		}
	}
	return err
}

// eachAfter calls f with all entries of a list that goes on after each of them.
func eachAfter[T any](ctx context.Context, list func(ctx context.Context, after T, limit int) ([]T, error), f func(T) error) error {
	for after := *new(T); ; {
		entries, err := list(ctx, after, pageSize)
		if err := eachOf(entries, err, f); err != nil || len(entries) < pageSize {
			return err
		}
		after = entries[len(entries)-1]
	}
}

// eachNumbered calls f with all entries of a list that has pages.
func eachNumbered[T any](ctx context.Context, list func(context.Context, identity.Page) ([]T, int, error), f func(T) error) error {
	for page := (identity.Page{Number: 1, Limit: pageSize}); ; page.Number++ {
		entries, _, err := list(ctx, page)
		if err := eachOf(entries, err, f); err != nil || len(entries) < page.Limit {
			return err
		}
	}
}

// encode makes a line of JSON.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}

// sums counts records and adds up their checksums.
type sums struct {
	counts Counts
	hashes map[string]hash.Hash
}

func newSums() *sums {
	s := &sums{counts: make(Counts), hashes: make(map[string]hash.Hash)}
	for _, kind := range Kinds {
		s.counts[kind], s.hashes[kind] = 0, sha256.New()
	}
	return s
}

func (s *sums) add(kind string, line []byte) {
	s.counts[kind]++
	s.hashes[kind].Write(line)
}

func (s *sums) trailer() trailer {
	t := trailer{Kind: kindTrailer, Counts: s.counts, SHA256: make(map[string]string)}
	for kind, h := range s.hashes {
		t.SHA256[kind] = hex.EncodeToString(h.Sum(nil))
	}
	return t
}
