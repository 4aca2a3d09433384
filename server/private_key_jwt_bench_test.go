package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/server/servertest"
	"gatehouse/storage/storagetest"
)

// BenchmarkPrivateKeyJWT is a client_credentials request by private_key_jwt, without a
// network and without the making of the assertion.
func BenchmarkPrivateKeyJWT(b *testing.B) {
	for _, db := range storagetest.Databases() {
		for _, alg := range []string{"ES256", "RS256"} {
			b.Run(db.Name+"/"+alg, func(b *testing.B) {
				s := servertest.Start(b, servertest.Options{DSN: db.DSN(b)})
				g, handler := newSigner(b, s, alg), s.Handler()
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					form := shown(g.assertion(b, nil), "grant_type", "client_credentials").Encode()
					b.StartTimer()
					r := httptest.NewRequest(http.MethodPost, tokenPath, strings.NewReader(form))
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					answer := httptest.NewRecorder()
					if handler.ServeHTTP(answer, r); answer.Code != http.StatusOK {
						b.Fatalf("%d %s", answer.Code, answer.Body)
					}
				}
			})
		}
	}
}
