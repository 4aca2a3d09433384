package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// authorityModel is what tokens may do, by rules that a few lines can hold: no token
// does what neither its user's consent nor the beginning of its session gave, and
// nobody gives an application what they have not got.
type authorityModel struct {
	s      *servertest.Server
	actors map[string]servertest.With // who changes applications
	people map[string]person
	apps   []*modelApp
	tokens []*modelToken
}

// person is a user of the model.
type person struct {
	id     string
	admin  bool     // may list users
	editor []string // of these products
}

// modelApp is an application as the model sets it.
type modelApp struct {
	party
	path              string
	trusted, password bool
	claims            map[string]string // claim to key; all are released by profile
}

func (a *modelApp) speaks() bool { return a.trusted || a.password }

// modelToken is a token, and what its session began with.
type modelToken struct {
	answer   servertest.Answer
	app      *modelApp
	user     string
	began    bool // with its user's own authority
	own      bool // the same, when the token was issued
	products []string
	released map[string]string
}

var (
	modelScopes = []string{"openid", "profile", "product:red", "product:blue"}
	modelKeys   = []string{"k1", "k2"}
)

func newAuthorityModel(t *testing.T, s *servertest.Server) *authorityModel {
	t.Helper()
	m := &authorityModel{s: s, actors: map[string]servertest.With{"root": s.Admin(t)}, people: map[string]person{}}
	root := m.actors["root"]
	for _, product := range []string{"red", "blue"} {
		s.NewApplication(t, product)
		s.NewGroup(t, root, product+"-editor-group", map[string][]string{product + "-things": {"delete"}, "users": {"get"}})
	}
	s.NewGroup(t, root, "clerks", map[string][]string{"applications": {"*"}})
	s.NewUser(t, root, "clerk", "clerks")
	m.actors["clerk"] = s.ActAs(t, "clerk", servertest.NewPassword)
	m.people["ada"] = person{id: s.UserID, admin: true}
	m.people["rita"] = person{id: s.NewUser(t, root, "rita", "red-editor-group"), editor: []string{"red"}}
	m.people["bea"] = person{id: s.NewUser(t, root, "bea", "red-editor-group", "blue-editor-group", identity.AdminGroup), admin: true, editor: []string{"red", "blue"}}
	for _, p := range m.people {
		want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+p.id, `{"metadata":{"k1":"v1","k2":"v2"}}`, root), http.StatusOK, "")
	}
	return m
}

// begin begins a run with applications that are nobody's favourites.
func (m *authorityModel) begin(t *testing.T) {
	m.apps, m.tokens = nil, nil
	for range 2 {
		p := newParty(t, m.s, untrusted, func(a *identity.Application) { a.Name, a.Scopes, a.Audiences = "red", modelScopes, nil })
		m.apps = append(m.apps, &modelApp{party: p, path: "/v1/applications/" + idOf(t, m.s, p.id), claims: map[string]string{}})
	}
}

func (m *authorityModel) anyApp(rt *rapid.T) *modelApp {
	return rapid.SampledFrom(m.apps).Draw(rt, "application")
}

func (m *authorityModel) anybody(rt *rapid.T) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.people))).Draw(rt, "user")
}

// keep notes a token of a session that begins now.
func (m *authorityModel) keep(a servertest.Answer, app *modelApp, user string, own bool, scopes []string) {
	token := &modelToken{answer: a, app: app, user: user, began: own, own: own, products: identity.ScopedProducts(scopes, nil)}
	if slices.Contains(scopes, "profile") {
		token.released = maps.Clone(app.claims)
	}
	if m.tokens = append(m.tokens, token); len(m.tokens) > mostModelTokens {
		m.tokens = m.tokens[1:]
	}
}

// mostModelTokens are looked at after each step, which takes four requests for each.
const mostModelTokens = 4

// signIn has somebody sign in at an application, and agree to what the page asks.
func (m *authorityModel) signIn(t *testing.T, rt *rapid.T) {
	app, user := m.anyApp(rt), m.anybody(rt)
	scopes := []string{"openid"}
	for _, scope := range modelScopes[1:] {
		if rapid.Bool().Draw(rt, scope) {
			scopes = append(scopes, scope)
		}
	}
	b := m.s.NewBrowser(t)
	b.SignInAs(t, m.people[user].id, m.s.Clock.Now())
	v := b.Through(t, address(app.request("scope", strings.Join(scopes, " "))), servertest.Person{})
	a := app.exchange(t, v.Given.Get("code"))
	want(t, a, http.StatusOK, "")
	m.keep(a, app, user, app.trusted, scopes)
}

// typePassword has somebody type their password into an application.
func (m *authorityModel) typePassword(t *testing.T, rt *rapid.T) {
	app := m.anyApp(rt)
	a := m.s.Form(t, "/oauth2/token", map[string][]string{
		"grant_type": {"password"}, "username": {"bea"}, "password": {servertest.NewPassword}, "scope": {"openid profile"},
	}, servertest.Basic(app.id, app.secret))
	if ok := a.Status == http.StatusOK; ok != app.password {
		t.Fatalf("password grant: %d %s, want it allowed: %v", a.Status, a.Body, app.password)
	}
	if app.password {
		m.keep(a, app, "bea", true, []string{"openid", "profile"})
	}
}

func (m *authorityModel) refresh(t *testing.T, rt *rapid.T) {
	if len(m.tokens) == 0 {
		rt.Skip("nobody has signed in")
	}
	token := rapid.SampledFrom(m.tokens).Draw(rt, "token")
	token.answer, token.own = token.app.refreshed(t, token.answer), token.began && token.app.speaks()
}

// change has an actor change an application: a person, or a token of the model.
func (m *authorityModel) change(t *testing.T, rt *rapid.T) {
	app, next := m.anyApp(rt), modelApp{}
	next = *app
	body := map[string]any{}
	switch rapid.SampledFrom([]string{"trusted", "password", "claims", "redirectUris"}).Draw(rt, "setting") {
	case "trusted":
		next.trusted = rapid.Bool().Draw(rt, "trusted")
		body["trusted"] = next.trusted
	case "password":
		next.password = rapid.Bool().Draw(rt, "password")
		grants := []string{identity.GrantAuthorizationCode, identity.GrantRefreshToken}
		if next.password {
			grants = append(grants, identity.GrantPassword)
		}
		body["grantTypes"] = grants
	case "claims":
		next.claims = map[string]string{}
		list := []map[string]string{}
		for _, claim := range []string{"c1", "c2"} {
			if rapid.Bool().Draw(rt, claim) {
				next.claims[claim] = rapid.SampledFrom(modelKeys).Draw(rt, "key")
				list = append(list, map[string]string{"claim": claim, "metadata": next.claims[claim], "scope": "profile"})
			}
		}
		body["claims"] = list
	case "redirectUris":
		body["redirectUris"] = []string{returnTo, "https://app.example.com/" + rapid.StringMatching(`[a-z]{3}`).Draw(rt, "path")}
	}
	name, as, all, some := m.anyActor(rt)
	adds := false
	for claim, key := range next.claims {
		adds = adds || app.claims[claim] != key
	}
	may := all || some && !app.speaks() && !next.speaks() && !adds
	a := m.s.JSON(t, http.MethodPatch, app.path, body, as)
	if ok := a.Status == http.StatusOK; ok != may {
		t.Fatalf("%s: %v of %v: %d %s, want it done: %v", name, body, app, a.Status, a.Body, may)
	}
	if may {
		*app = next
	}
}

// anyActor is who changes something: all says that they may do all of it, some that
// they may change applications and see no users.
func (m *authorityModel) anyActor(rt *rapid.T) (name string, as servertest.With, all, some bool) {
	if len(m.tokens) > 0 && rapid.Bool().Draw(rt, "by a token") {
		token := rapid.SampledFrom(m.tokens).Draw(rt, "actor")
		return token.user + " by a token", token.bearer(), token.hasOwn() && m.people[token.user].admin, false
	}
	name = rapid.SampledFrom([]string{"clerk", "root"}).Draw(rt, "actor")
	return name, m.actors[name], name == "root", name == "clerk"
}

func (k *modelToken) String() string {
	return fmt.Sprintf("a token of %s, own %v, products %v, released %v, at %s", k.user, k.own, k.products, k.released, k.app)
}

func (a *modelApp) String() string {
	return fmt.Sprintf("an application trusted %v, password %v, claims %v", a.trusted, a.password, a.claims)
}

func (k *modelToken) bearer() servertest.With {
	return servertest.Bearer(k.answer.Text("access_token"))
}

func (k *modelToken) hasOwn() bool { return k.own && k.app.speaks() }

// check asks of every token what it can do.
func (m *authorityModel) check(t *testing.T) {
	for _, token := range m.tokens {
		who := m.people[token.user]
		status := m.s.Get(t, "/v1/users", token.bearer()).Status
		if may := token.hasOwn() && who.admin; (status == http.StatusOK) != may {
			t.Fatalf("%v lists users: %d, want it allowed: %v", token, status, may)
		}
		for _, product := range []string{"red", "blue"} {
			may := slices.Contains(who.editor, product) && (token.hasOwn() || slices.Contains(token.products, product)) || who.admin && token.hasOwn()
			got := answerOf(t, m.s, m.s.PostJSON(t, authorizePath, `{"resource":"`+product+`-things","action":"delete"}`, token.bearer()))
			if got != may {
				t.Fatalf("%v deletes things of %s: %v, want %v", token, product, got, may)
			}
		}
		m.checkClaims(t, token)
	}
}

// checkClaims asks whether a token tells what its session released, as far as that
// is still mapped, and nothing else.
func (m *authorityModel) checkClaims(t *testing.T, token *modelToken) {
	var told map[string]any
	if err := json.Unmarshal(m.s.Get(t, "/oauth2/userinfo", token.bearer()).Body, &told); err != nil {
		t.Fatal(err)
	}
	for _, claim := range []string{"c1", "c2"} {
		key := token.app.claims[claim]
		released := key != "" && token.released[claim] == key
		if _, tells := told[claim]; tells != released {
			t.Fatalf("%v tells %s: %v, want %v: %v", token, claim, tells, released, told)
		}
	}
}

// TestAuthorityModel: whatever happens to applications, tokens do what their sessions
// began with, or less.
func TestAuthorityModel(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		m := newAuthorityModel(t, s)
		rapid.Check(t, func(rt *rapid.T) {
			m.begin(t)
			rt.Repeat(map[string]func(*rapid.T){
				"sign in":  func(rt *rapid.T) { m.signIn(t, rt) },
				"password": func(rt *rapid.T) { m.typePassword(t, rt) },
				"refresh":  func(rt *rapid.T) { m.refresh(t, rt) },
				"change":   func(rt *rapid.T) { m.change(t, rt) },
				"look":     func(*rapid.T) { m.check(t) },
			})
			m.check(t)
		})
	})
}
