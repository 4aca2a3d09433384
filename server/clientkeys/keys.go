package clientkeys

import (
	"context"
	"crypto"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"gatehouse/errors"
	"gatehouse/identity"
)

// Why a signature is not good. None of them shows anything of it.
var (
	ErrAlgorithm = errors.New("the algorithm is not one of those for signatures of applications")
	ErrNoKey     = errors.New("the application has no such key for the algorithm")
	ErrSeveral   = errors.New("several keys of the application fit, and their kid does not tell them apart")
	ErrSignature = errors.New("the signature is wrong")
	ErrFetch     = errors.New("the application's keys could not be fetched")
)

// mostSources is how many applications' keys are remembered, those used last.
const mostSources = 1000

// Deps is all this package takes from the rest of the program; every field is required.
type Deps struct {
	Client *http.Client // fetches keys; it decides which addresses may be asked
	Now    func() time.Time
	Log    *slog.Logger
}

// Keys knows the keys of applications. It may be used by several goroutines at once.
type Keys struct {
	Deps
	decoys map[string]crypto.PublicKey // by algorithm

	mu      sync.Mutex
	sources *simplelru.LRU[string, *source] // by the application's id
}

// New returns Keys that have fetched none yet.
func New(d Deps) (*Keys, error) {
	decoys, err := newDecoys()
	if err != nil {
		return nil, err
	}
	sources, _ := simplelru.NewLRU[string, *source](mostSources, nil) // only a size below 1 is an error
	return &Keys{Deps: d, decoys: decoys, sources: sources}, nil
}

// Signature is a signature of a JWS in compact form (RFC 7515 §7.1).
type Signature struct {
	Algorithm string // alg of the header
	KeyID     string // kid of the header; empty: it has none
	Input     string // what is signed: header and payload as they were sent
	Bytes     []byte
}

// Verify returns nil for a signature by a key of the application, and otherwise one
// of the errors of this package or the cause of ctx's end. Whatever it is, one
// signature was checked by then, so that the time does not tell whether the
// application (nil: there is none) has keys; unless they had to be fetched.
func (k *Keys) Verify(ctx context.Context, app *identity.Application, s Signature) error {
	decoy, ok := k.decoys[s.Algorithm]
	if !ok {
		return ErrAlgorithm
	}
	public, err := k.key(ctx, app, s)
	if err != nil {
		verify(decoy, s)
		return err
	}
	if !verify(public, s) {
		return ErrSignature
	}
	return nil
}

// key finds the one key that may have made the signature.
func (k *Keys) key(ctx context.Context, app *identity.Application, s Signature) (crypto.PublicKey, error) {
	if app == nil || app.JWKS+app.JWKSURI == "" {
		return nil, ErrNoKey
	}
	from := k.source(app)
	if from.remote != nil {
		return from.remote.key(ctx, s.Algorithm, s.KeyID)
	}
	return from.fixed().pick(s.Algorithm, s.KeyID)
}

// source is where an application's keys come from.
type source struct {
	text   string // the address, or the keys themselves
	remote *remote
	fixed  func() set
}

// source returns where the application's keys come from now. What was known of
// another address, or of other keys, is forgotten.
func (k *Keys) source(app *identity.Application) *source {
	k.mu.Lock()
	defer k.mu.Unlock()
	text := app.JWKS + app.JWKSURI // it has one of them
	if known, ok := k.sources.Get(app.ID); ok && known.text == text {
		return known
	}
	made := &source{text: text}
	if app.JWKSURI != "" {
		made.remote = &remote{now: k.Now, fetch: k.fetcher(app)}
	} else {
		made.fixed = sync.OnceValue(func() set {
			keys, _ := parse([]byte(text)) // it was checked when it was registered
			return keys
		})
	}
	k.sources.Add(app.ID, made)
	return made
}
