package clients_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// goidc is a relying party with coreos/go-oidc and x/oauth2.
type goidc struct {
	base     string
	config   oauth2.Config
	provider *oidc.Provider
	mode     []oauth2.AuthCodeOption // of the request

	mu       sync.Mutex
	verifier string // of PKCE; one sign-in at a time is enough
	tokens   *oauth2.Token
	told     []string
}

func TestGoOIDC(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, tt := range map[string]struct {
		args []string
		mode []oauth2.AuthCodeOption
	}{
		"confidential": {args: []string{"--trusted", "--id-token-alg", "ES256"}},
		"public":       {args: []string{"--public"}},
		"form_post":    {mode: []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("response_mode", "form_post")}},
		"pairwise":     {args: []string{"--subject-type", "pairwise"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			useParty(t, s, serve(t, func(base string) http.Handler { return newGoOIDC(t, s, base, tt.args, tt.mode) }))
		})
	}
}

func newGoOIDC(t *testing.T, s *server, base string, args []string, mode []oauth2.AuthCodeOption) http.Handler {
	t.Helper()
	app := s.newParty(t, base, args...)
	provider, err := oidc.NewProvider(t.Context(), s.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	p := &goidc{base: base, provider: provider, mode: mode, config: oauth2.Config{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, Endpoint: provider.Endpoint(), RedirectURL: base + "/callback",
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}}
	mux := http.NewServeMux()
	for path, handle := range map[string]func(w http.ResponseWriter, r *http.Request) error{
		"/{$}": p.begin, "/callback": p.callback, "/refresh": p.refresh, "/logout": p.logout, "/backchannel": p.backchannel,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if err := handle(w, r); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
			}
		})
	}
	mux.HandleFunc("/told", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		_ = json.NewEncoder(w).Encode(append([]string{}, p.told...))
	})
	return mux
}

func (p *goidc) begin(w http.ResponseWriter, r *http.Request) error {
	p.verifier = oauth2.GenerateVerifier()
	options := append([]oauth2.AuthCodeOption{oauth2.S256ChallengeOption(p.verifier), oidc.Nonce("the nonce")}, p.mode...)
	http.Redirect(w, r, p.config.AuthCodeURL("the state", options...), http.StatusSeeOther)
	return nil
}

// wrong is what a relying party does not accept.
type wrong string

func (w wrong) Error() string { return string(w) }

func (p *goidc) callback(w http.ResponseWriter, r *http.Request) error {
	posted := r.Method == http.MethodPost
	switch {
	case r.FormValue("state") != "the state", r.FormValue("iss") != p.issuer(), posted != (p.mode != nil):
		return wrong(r.Method + " " + r.Form.Encode())
	}
	tokens, err := p.config.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(p.verifier))
	if err != nil {
		return err
	}
	return p.show(w, r, tokens, "the nonce")
}

func (p *goidc) issuer() string {
	var metadata struct {
		Issuer string `json:"issuer"`
	}
	_ = p.provider.Claims(&metadata)
	return metadata.Issuer
}

// show checks tokens and shows whose they are.
func (p *goidc) show(w http.ResponseWriter, r *http.Request, tokens *oauth2.Token, nonce string) error {
	p.tokens = tokens
	raw, _ := tokens.Extra("id_token").(string)
	idToken, err := p.provider.Verifier(&oidc.Config{ClientID: p.config.ClientID}).Verify(r.Context(), raw)
	if err != nil {
		return err
	}
	if err := idToken.VerifyAccessToken(tokens.AccessToken); err != nil || idToken.Nonce != nonce {
		return wrong("nonce " + idToken.Nonce)
	}
	var who introduced
	if err := idToken.Claims(&who); err != nil {
		return err
	}
	info, err := p.provider.UserInfo(r.Context(), oauth2.StaticTokenSource(tokens))
	if err != nil {
		return err
	}
	if err := info.Claims(&who); err != nil || info.Subject != idToken.Subject {
		return wrong("userinfo is about " + info.Subject)
	}
	return json.NewEncoder(w).Encode(who)
}

func (p *goidc) refresh(w http.ResponseWriter, r *http.Request) error {
	tokens, err := p.config.TokenSource(r.Context(), &oauth2.Token{RefreshToken: p.tokens.RefreshToken}).Token()
	if err != nil {
		return err
	}
	if tokens.RefreshToken == p.tokens.RefreshToken || tokens.AccessToken == p.tokens.AccessToken {
		return wrong("the tokens are those from before")
	}
	return p.show(w, r, tokens, "the nonce")
}

func (p *goidc) logout(w http.ResponseWriter, r *http.Request) error {
	var metadata struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := p.provider.Claims(&metadata); err != nil {
		return err
	}
	hint, _ := p.tokens.Extra("id_token").(string)
	query := url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {p.base + "/bye"}, "state": {"leaving"}}
	http.Redirect(w, r, metadata.EndSession+"?"+query.Encode(), http.StatusSeeOther)
	return nil
}

func (p *goidc) backchannel(_ http.ResponseWriter, r *http.Request) error {
	token, err := p.provider.Verifier(&oidc.Config{ClientID: p.config.ClientID}).Verify(r.Context(), r.PostFormValue("logout_token"))
	if err != nil {
		return err
	}
	var of introduced
	if err := token.Claims(&of); err != nil {
		return err
	}
	p.told = append(p.told, of.Session)
	return nil
}
