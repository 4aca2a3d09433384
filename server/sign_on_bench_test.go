package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
	"gatehouse/storage/storagetest"
)

// BenchmarkSignOn is a whole sign-in with a live session, without a network: the
// authorization request, and the exchange of its code for tokens.
func BenchmarkSignOn(b *testing.B) {
	for _, db := range storagetest.Databases() {
		b.Run(db.Name, func(b *testing.B) {
			s := servertest.Start(b, servertest.Options{DSN: db.DSN(b)})
			p := newParty(b, s, func(a *identity.Application) { a.IDTokenSignedResponseAlg = "ES256" })
			browser := s.NewBrowser(b)
			cookie := browser.SignInAs(b, s.UserID, s.Clock.Now())
			target := address(p.request(challenge()...))
			handler := s.Handler()
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, target, nil)
				r.AddCookie(cookie)
				answer := httptest.NewRecorder()
				handler.ServeHTTP(answer, r)
				back, err := url.Parse(answer.Header().Get("Location"))
				if err != nil || back.Query().Get("code") == "" {
					b.Fatalf("authorize: %d %s", answer.Code, answer.Body)
				}
				form := url.Values{
					"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "redirect_uri": {returnTo}, "code_verifier": {verifierText},
				}
				r = httptest.NewRequest(http.MethodPost, tokenPath, strings.NewReader(form.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.SetBasicAuth(p.id, p.secret)
				answer = httptest.NewRecorder()
				if handler.ServeHTTP(answer, r); answer.Code != http.StatusOK {
					b.Fatalf("exchange: %d %s", answer.Code, answer.Body)
				}
			}
		})
	}
}
