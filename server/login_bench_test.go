package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"gatehouse/server/servertest"
	"gatehouse/storage/storagetest"
)

// BenchmarkLoginPage is the page on which people sign in, without a network.
func BenchmarkLoginPage(b *testing.B) {
	for _, db := range storagetest.Databases() {
		b.Run(db.Name, func(b *testing.B) {
			s := servertest.Start(b, servertest.Options{DSN: db.DSN(b)})
			handler := s.Handler()
			begun := httptest.NewRecorder()
			handler.ServeHTTP(begun, httptest.NewRequest(http.MethodGet, address(newParty(b, s).request()), nil))
			target, cookies := begun.Header().Get("Location"), begun.Result().Cookies()
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, target, nil)
				r.Header.Set("Accept-Language", "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7")
				for _, cookie := range cookies {
					r.AddCookie(cookie)
				}
				answer := httptest.NewRecorder()
				if handler.ServeHTTP(answer, r); answer.Code != http.StatusOK {
					b.Fatalf("login: %d %s", answer.Code, answer.Body)
				}
			}
		})
	}
}
