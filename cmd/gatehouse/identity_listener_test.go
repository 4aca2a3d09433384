package main_test

import (
	"net/http"
	"net/url"
	"testing"
)

// TestIdentityListener runs a server whose identity API is kept to a listener of
// its own.
func TestIdentityListener(t *testing.T) {
	t.Parallel()
	apart := freeAddress(t)
	p := startProcess(t, "", "GATEHOUSE_IDENTITY_LISTEN="+apart, "GATEHOUSE_IDENTITY_ON_MAIN=false")
	form := url.Values{"grant_type": {"password"}, "username": {p.Credentials.Admin.Username}, "password": {p.Credentials.Admin.Password}}
	status, body, err := p.do(http.DefaultClient, ask{method: http.MethodPost, path: "/oauth2/token", contentType: formType, body: form.Encode()})
	if err != nil || status != http.StatusOK {
		t.Fatalf("sign-in: %d, %v", status, err)
	}
	token, _ := readTokens(body)
	for address, want := range map[string]int{
		p.URL + "/v1/users":                http.StatusNotFound,
		p.URL + "/v1/userinfo":             http.StatusOK,
		"http://" + apart + "/v1/users":    http.StatusOK,
		"http://" + apart + "/v1/userinfo": http.StatusNotFound,
		"http://" + apart + "/health":      http.StatusOK,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", address, answer.StatusCode, want)
		}
	}
}
