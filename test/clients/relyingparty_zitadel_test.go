package clients_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
)

// zitadel is a relying party with zitadel/oidc.
type zitadel struct {
	rp.RelyingParty
	base string

	mu     sync.Mutex
	tokens *oidc.Tokens[*oidc.IDTokenClaims]
	told   []string
}

func TestZitadelOIDC(t *testing.T) {
	t.Parallel()
	s := start(t)
	keys, private := newClientKey(t)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	signer := rp.SignerFromKeyAndKeyID(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "a-key")
	for name, tt := range map[string]struct {
		args    []string
		options []rp.Option
	}{
		"client_secret_basic": {[]string{"--trusted"}, []rp.Option{rp.WithAuthStyle(oauth2.AuthStyleInHeader)}},
		"client_secret_post":  {[]string{"--auth-method", "client_secret_post"}, []rp.Option{rp.WithAuthStyle(oauth2.AuthStyleInParams)}},
		"private_key_jwt":     {[]string{"--auth-method", "private_key_jwt", "--jwks", keys}, []rp.Option{rp.WithJWTProfile(signer)}},
		"public":              {[]string{"--public"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			useParty(t, s, serve(t, func(base string) http.Handler { return newZitadel(t, s, base, tt.args, tt.options) }))
		})
	}
}

func newZitadel(t *testing.T, s *server, base string, args []string, options []rp.Option) http.Handler {
	t.Helper()
	app := s.newParty(t, base, args...)
	cookies := httphelper.NewCookieHandler([]byte("0123456789abcdef"), []byte("0123456789abcdef"), httphelper.WithUnsecure())
	options = append(options, rp.WithPKCE(cookies), rp.WithCookieHandler(cookies), rp.WithSigningAlgsFromDiscovery())
	party, err := rp.NewRelyingPartyOIDC(t.Context(), s.Issuer, app.ClientID, app.ClientSecret, base+"/callback",
		[]string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}, options...)
	if err != nil {
		t.Fatal(err)
	}
	p := &zitadel{RelyingParty: party, base: base}
	mux := http.NewServeMux()
	mux.Handle("/{$}", rp.AuthURLHandler(func() string { return "the state" }, p))
	mux.Handle("/callback", rp.CodeExchangeHandler(rp.UserinfoCallback(p.show), p))
	mux.HandleFunc("/refresh", p.refresh)
	mux.HandleFunc("/logout", p.logout)
	mux.HandleFunc("/backchannel", p.backchannel)
	mux.HandleFunc("/told", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		_ = json.NewEncoder(w).Encode(append([]string{}, p.told...))
	})
	return mux
}

func (p *zitadel) show(w http.ResponseWriter, _ *http.Request, tokens *oidc.Tokens[*oidc.IDTokenClaims], _ string, _ rp.RelyingParty, info *oidc.UserInfo) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens = tokens
	_ = json.NewEncoder(w).Encode(introduced{info.Subject, tokens.IDTokenClaims.SessionID, info.PreferredUsername, info.Email})
}

func (p *zitadel) refresh(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	old := p.tokens.RefreshToken
	p.mu.Unlock()
	tokens, err := rp.RefreshTokens[*oidc.IDTokenClaims](r.Context(), p, old, "", "")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	info, err := rp.Userinfo[*oidc.UserInfo](r.Context(), tokens.AccessToken, tokens.TokenType, tokens.IDTokenClaims.Subject, p)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.show(w, r, tokens, "", p, info)
}

// logout has the library ask the end of the session by itself, as it does, and then
// goes where it was sent to.
func (p *zitadel) logout(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	hint := p.tokens.IDToken
	p.mu.Unlock()
	to, err := rp.EndSession(r.Context(), p, hint, p.base+"/bye", "leaving", "", nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

func (p *zitadel) backchannel(w http.ResponseWriter, r *http.Request) {
	claims := new(oidc.LogoutTokenClaims)
	_, err := oidc.ParseToken(r.PostFormValue("logout_token"), claims)
	if err == nil {
		var signed *jose.JSONWebSignature
		if signed, err = jose.ParseSignedCompact(r.PostFormValue("logout_token"), []jose.SignatureAlgorithm{jose.RS256}); err == nil {
			_, err = p.IDTokenVerifier().KeySet.VerifySignature(r.Context(), signed)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, claims.SessionID)
}
