package oauth2_test

import (
	"encoding/base64"
	"testing"

	"gatehouse/server/oauth2"
)

// FuzzReadAssertion holds that whatever is read as an assertion is whole, and was
// written in the one way that it can be: what is signed is what was sent.
func FuzzReadAssertion(f *testing.F) {
	part := base64.RawURLEncoding.EncodeToString
	for _, header := range []string{`{"alg":"ES256","kid":"k"}`, `{"alg":"none"}`, `{"alg":"ES256","crit":["exp"]}`, `[]`, `{"alg":"a","alg":"b"}`, `null`} {
		for _, claims := range []string{
			`{"iss":"a","sub":"a","aud":"b","jti":"c","exp":1}`, `{"iss":"a","sub":"a","aud":["b","c"],"jti":"c","exp":1.5,"nbf":0,"iat":1e3}`,
			`{"iss":"a","sub":"b","aud":"b","jti":"c","exp":1}`, `{"iss":"a","sub":"a","aud":null,"jti":"c","exp":1e999}`, `{}`, `null`,
			`{"iss":"a","sub":"a","aud":[[]],"jti":"c","exp":-0}`, `{"iss":"\ud800","sub":"\ud800","aud":"b","jti":"c","exp":1}`,
		} {
			f.Add(part([]byte(header)) + "." + part([]byte(claims)) + "." + part([]byte("signature")))
		}
	}
	good := part([]byte(`{"alg":"ES256"}`)) + "." + part([]byte(`{"iss":"a","sub":"a","aud":"b","jti":"c","exp":1}`)) + "."
	for _, text := range []string{good + "AA", good + "AB", good + "A\nA", "", ".", "..", "...", "a.b.c", "e30.e30.e30", "e30.e30.", "e30\n.e30.AA", "e31.e30.AA", "e30=.e30.AA"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := oauth2.ReadAssertion(text)
		if err != nil {
			return
		}
		if again := a.Input + "." + part(a.Signature); again != text {
			t.Errorf("%q was read as %q", text, again)
		}
		if a.ClientID == "" || a.ID == "" || len(a.Audience) == 0 || len(a.Signature) == 0 || len(a.ClientID) > 255 || len(a.ID) > 255 {
			t.Errorf("%q was read as %+v", text, a)
		}
	})
}
