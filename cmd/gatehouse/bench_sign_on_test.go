package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// What the benchmarks' application sends, and is sent back to. The challenge is of
// RFC 7636 Appendix B.
const (
	benchCallback  = "https://app.example.com/callback"
	benchVerifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	benchChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// BenchmarkSignOn has each client sign in at an application again and again, with a
// live session in its browser: the authorization request, and the exchange of its
// code for an access token and an id token by ES256. One sign-in is two requests.
func BenchmarkSignOn(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		app := p.signOnApplication(b)
		target := p.URL + app.authorize()
		cookies := make([][]*http.Cookie, 2*benchClients)
		for i := range cookies {
			cookies[i] = p.signInBrowser(b, target)
		}
		p.work(b, func(client *http.Client, number int) func() error {
			return func() error {
				code, err := authorizeOnce(client, target, cookies[number])
				if err != nil {
					return err
				}
				status, body, err := p.do(client, ask{method: http.MethodPost, path: "/oauth2/token", contentType: formType, body: url.Values{
					"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {benchCallback}, "code_verifier": {benchVerifier},
					"client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
				}.Encode()})
				if err == nil && (status != http.StatusOK || !strings.Contains(string(body), `"id_token"`)) {
					err = fmt.Errorf("exchange: %d: %s", status, body)
				}
				return err
			}
		})
	})
}

// BenchmarkLoginPage asks for the page on which people sign in.
func BenchmarkLoginPage(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		browser := newBrowser(b)
		login, _ := p.loginPage(b, browser, p.URL+p.signOnApplication(b).authorize())
		cookies := browser.Jar.Cookies(login)
		p.work(b, func(client *http.Client, _ int) func() error {
			return func() error {
				_, body, err := visit(client, login.String(), cookies)
				if err == nil && !csrfField.Match(body) {
					err = fmt.Errorf("login: %s", body)
				}
				return err
			}
		})
	})
}

// signOnApplication makes an application that signs people in.
func (p *process) signOnApplication(b *testing.B) credentials {
	b.Helper()
	admin, _ := p.tokens(b, p.password("openid", true))
	return p.create(b, admin, "/v1/applications", map[string]any{
		"name": "dev", "description": "Signs in", "grantTypes": []string{"authorization_code"}, "scopes": []string{"openid", "profile", "email"},
		"redirectUris": []string{benchCallback}, "trusted": true, "idTokenSignedResponseAlg": "ES256",
	})
}

func (c credentials) authorize() string {
	return "/oauth2/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {c.ClientID}, "redirect_uri": {benchCallback}, "scope": {"openid profile email"},
		"state": {"af0ifjsldkj"}, "nonce": {"n-0S6_WzA2Mj"}, "code_challenge": {benchChallenge}, "code_challenge_method": {"S256"},
	}.Encode()
}

func newBrowser(b *testing.B) *http.Client {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

var csrfField = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)

// loginPage has a browser asked to sign in, and returns where, and with what.
func (p *process) loginPage(b *testing.B, browser *http.Client, target string) (login *url.URL, csrf string) {
	b.Helper()
	answer, err := browser.Get(target)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	found := csrfField.FindSubmatch(body)
	if err != nil || found == nil {
		b.Fatalf("no page to sign in on at %s: %v: %s", answer.Request.URL, err, body)
	}
	return answer.Request.URL, string(found[1])
}

// signInBrowser returns the cookies of a browser in which the administrator is signed in.
func (p *process) signInBrowser(b *testing.B, target string) []*http.Cookie {
	b.Helper()
	browser := newBrowser(b)
	login, csrf := p.loginPage(b, browser, target)
	r, err := http.NewRequest(http.MethodPost, p.URL+"/login", strings.NewReader(url.Values{
		"csrf_token": {csrf}, "interaction": login.Query()["interaction"], "username": {p.Credentials.Admin.Username}, "password": {p.Credentials.Admin.Password},
	}.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Origin", p.URL)
	answer, err := browser.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	return browser.Jar.Cookies(login)
}

// authorizeOnce has a browser sent back to the application, with a code.
func authorizeOnce(client *http.Client, target string, cookies []*http.Cookie) (code string, err error) {
	location, body, err := visit(client, target, cookies)
	if err != nil {
		return "", err
	}
	back, err := url.Parse(location)
	if err != nil {
		return "", err
	}
	if code = back.Query().Get("code"); code == "" {
		return "", fmt.Errorf("sent to %q without a code: %s", location, body)
	}
	return code, nil
}

// visit asks for a page, and returns it or where it leads.
func visit(client *http.Client, target string, cookies []*http.Cookie) (location string, body []byte, err error) {
	r, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return "", nil, err
	}
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer answer.Body.Close()
	if body, err = io.ReadAll(answer.Body); err == nil && answer.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%d: %s", answer.StatusCode, body)
	}
	return answer.Header.Get("Location"), body, err
}
