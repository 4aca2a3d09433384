package keys

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// document is a JWKS ready to be sent.
type document struct {
	body  []byte
	etag  string
	until time.Time // a key leaves it then; zero: none will
}

// JWKS returns the public keys as a JSON Web Key Set (RFC 7517 §5) and its
// strong ETag, quotes included (RFC 9110 §8.8.3). The bytes are shared: they
// are built when the keys change and when one of them expires.
func (r *Ring) JWKS() (body []byte, etag string) {
	s, now := r.current.Load(), r.Now()
	doc := s.jwks.Load()
	if doc == nil || !doc.until.IsZero() && !now.Before(doc.until) {
		doc = newDocument(s, now)
		s.jwks.Store(doc)
	}
	return doc.body, doc.etag
}

func newDocument(s *snapshot, now time.Time) *document {
	list, until := s.published(now)
	set := jose.JSONWebKeySet{Keys: make([]jose.JSONWebKey, 0, len(list))}
	for _, k := range list {
		set.Keys = append(set.Keys, k.jwk())
	}
	// Marshalling fails for keys of a kind that open refuses.
	body, _ := json.Marshal(set)
	sum := sha256.Sum256(body)
	return &document{body, `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`, until}
}
