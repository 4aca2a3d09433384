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
	exportVersion = 1
)

// The kinds of record, in their order: what is referred to comes first.
const (
	kindHeader      = "header"
	kindProduct     = "product"
	kindGroup       = "group"
	kindUser        = "user"
	kindApplication = "application"
	kindKey         = "key"
	kindTrailer     = "trailer"
)

var kinds = []string{kindProduct, kindGroup, kindUser, kindApplication, kindKey}

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
			kindProduct: stored.Products, kindGroup: stored.Groups, kindUser: stored.Users,
			kindApplication: stored.Applications, kindKey: stored.Keys,
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
	products, err := from.Products(ctx)
	if err != nil {
		return err
	}
	for _, p := range products {
		if err := record(kindProduct, productRecord(p)); err != nil {
			return err
		}
	}
	err = eachNumbered(ctx, from.Groups, func(g identity.Group) error { return record(kindGroup, groupRecord(g)) })
	if err != nil {
		return err
	}
	err = eachPage(ctx, from, func(users []identity.User) error {
		for _, u := range users {
			if err := record(kindUser, userRecord(u)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = eachNumbered(ctx, from.Applications, func(a identity.Application) error { return record(kindApplication, newApplicationRecord(a)) })
	if err != nil {
		return err
	}
	keys, err := from.Keys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := record(kindKey, keyRecord(k)); err != nil {
			return err
		}
	}
	return nil
}

// eachNumbered calls f with all entries of a list that has pages.
func eachNumbered[T any](ctx context.Context, list func(context.Context, identity.Page) ([]T, int, error), f func(T) error) error {
	for page := (identity.Page{Number: 1, Limit: pageSize}); ; page.Number++ {
		entries, _, err := list(ctx, page)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if err := f(entry); err != nil {
				return err
			}
		}
		if len(entries) < page.Limit {
			return nil
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
	for _, kind := range kinds {
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
