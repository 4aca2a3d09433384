package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

//go:embed page.html
var page string

// webapp is one page, and what it takes to show it to people who are signed in.
type webapp struct {
	own       string // the address that browsers reach it at
	issuer    string
	endpoint  string // of the provider, where people sign out
	provider  *oidc.Provider
	client    oauth2.Config
	sessions  *sessions
	templates *template.Template
	log       *slog.Logger
}

// discover reads all there is to know of the provider from its metadata (OpenID
// Connect Discovery 1.0).
func discover(ctx context.Context, issuer, clientID, secret, own string, log *slog.Logger) (*webapp, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, fmt.Errorf("ask %s who it is: %w", issuer, err)
	}
	var also struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&also); err != nil {
		return nil, fmt.Errorf("read metadata: %w", err)
	}
	templates, err := template.New("page").Parse(page)
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	return &webapp{
		own: own, issuer: issuer, endpoint: also.EndSession, provider: provider, sessions: newSessions(), templates: templates, log: log,
		client: oauth2.Config{
			ClientID: clientID, ClientSecret: secret, Endpoint: provider.Endpoint(),
			RedirectURL: own + "/callback", Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
		},
	}, nil
}

func (a *webapp) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.show)
	mux.HandleFunc("GET /callback", a.callback)
	mux.HandleFunc("POST /logout", a.logout)
	mux.HandleFunc("POST /backchannel-logout", a.backchannelLogout)
	return http.NewCrossOriginProtection().Handler(mux)
}

// show shows the page to those who are signed in, and sends others to sign in.
func (a *webapp) show(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	signedIn, ok := a.sessions.of(r)
	if !ok {
		a.signIn(w, r)
		return
	}
	if err := a.templates.Execute(w, signedIn); err != nil {
		a.log.WarnContext(r.Context(), "page not shown", slog.Any("error", err))
	}
}

// loginCookie keeps what a sign-in began with until it is back, so that it can end
// in no other browser: state, nonce (OpenID Connect Core §3.1.2.1), code verifier
// (RFC 7636 §4.1).
const loginCookie = "webapp-login"

func (a *webapp) signIn(w http.ResponseWriter, r *http.Request) {
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	http.SetCookie(w, cookie(loginCookie, strings.Join([]string{state, nonce, verifier}, "."), "/callback", 3600, a.secure()))
	http.Redirect(w, r, a.client.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
}

func (a *webapp) secure() bool { return strings.HasPrefix(a.own, "https://") }

// callback is where people come back to.
func (a *webapp) callback(w http.ResponseWriter, r *http.Request) {
	signedIn, err := a.complete(r)
	if err != nil {
		a.log.WarnContext(r.Context(), "not signed in", slog.Any("why", err))
		http.Error(w, "You are not signed in: "+err.Error(), http.StatusBadRequest)
		return
	}
	http.SetCookie(w, cookie(loginCookie, "", "/callback", -1, a.secure()))
	a.sessions.begin(w, signedIn, a.secure())
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// complete checks that an answer is to a question of this browser, and exchanges its
// code for who the person is.
func (a *webapp) complete(r *http.Request) (session, error) {
	answer := r.URL.Query()
	kept, err := r.Cookie(loginCookie)
	if err != nil {
		return session{}, fmt.Errorf("this browser has begun no sign-in: %w", err)
	}
	began := strings.SplitN(kept.Value, ".", 3)
	switch {
	case len(began) != 3 || answer.Get("state") != began[0]:
		return session{}, errors.New("this is the answer to another sign-in")
	case answer.Get("iss") != a.issuer: // RFC 9207 §2.4
		return session{}, fmt.Errorf("this is the answer of %q", answer.Get("iss"))
	case answer.Get("error") != "":
		return session{}, fmt.Errorf("%s: %s", answer.Get("error"), answer.Get("error_description"))
	}
	tokens, err := a.client.Exchange(r.Context(), answer.Get("code"), oauth2.VerifierOption(began[2]))
	if err != nil {
		return session{}, fmt.Errorf("exchange the code: %w", err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	idToken, err := a.provider.Verifier(&oidc.Config{ClientID: a.client.ClientID}).Verify(r.Context(), raw)
	if err != nil {
		return session{}, fmt.Errorf("verify the id token: %w", err)
	}
	if idToken.Nonce != began[1] {
		return session{}, errors.New("the id token is of another sign-in")
	}
	return a.introduce(r.Context(), raw, idToken, tokens)
}

// introduce asks who the person is (OpenID Connect Core §5.3).
func (a *webapp) introduce(ctx context.Context, raw string, idToken *oidc.IDToken, tokens *oauth2.Token) (session, error) {
	s := session{IDToken: raw, Subject: idToken.Subject, Until: time.Now().Add(longestSession)}
	if err := idToken.Claims(&s); err != nil {
		return session{}, fmt.Errorf("read the id token: %w", err)
	}
	info, err := a.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return session{}, fmt.Errorf("ask who it is: %w", err)
	}
	if info.Subject != idToken.Subject { // §5.3.2
		return session{}, errors.New("userinfo is about somebody else")
	}
	if err := info.Claims(&s); err != nil {
		return session{}, fmt.Errorf("read userinfo: %w", err)
	}
	return s, nil
}

// logout signs out here and then at the provider (OpenID Connect RP-Initiated
// Logout 1.0 §2), which brings people back.
func (a *webapp) logout(w http.ResponseWriter, r *http.Request) {
	signedIn, ok := a.sessions.of(r)
	if !ok {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	a.sessions.end(func(s session) bool { return s.ID == signedIn.ID })
	query := url.Values{"id_token_hint": {signedIn.IDToken}, "post_logout_redirect_uri": {a.own + "/"}}
	http.Redirect(w, r, a.endpoint+"?"+query.Encode(), http.StatusSeeOther)
}

// logoutEvent is what makes a token a logout token (OpenID Connect Back-Channel
// Logout 1.0 §2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// backchannelLogout is told by the provider that somebody has signed out elsewhere.
func (a *webapp) backchannelLogout(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	token, err := a.provider.Verifier(&oidc.Config{ClientID: a.client.ClientID}).Verify(r.Context(), r.PostFormValue("logout_token"))
	var said struct {
		Events map[string]any `json:"events"`
		SID    string         `json:"sid"`
	}
	if err == nil {
		err = token.Claims(&said)
	}
	if _, event := said.Events[logoutEvent]; err != nil || !event || token.Nonce != "" || said.SID == "" {
		http.Error(w, "this is no logout token", http.StatusBadRequest)
		return
	}
	a.sessions.end(func(s session) bool { return s.SID == said.SID })
	w.WriteHeader(http.StatusOK)
}
