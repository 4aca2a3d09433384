package server_test

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/servertest"
)

// hmacs are JWTs by HS256 whose secret is a public key, in each form that one may
// have got it in (RFC 8725 §2.1).
func (g signer) hmacs(t *testing.T) []string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(g.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	set := jwks(t, g.pair)
	secrets := [][]byte{
		der, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), []byte(set),
		[]byte(strings.TrimSuffix(strings.TrimPrefix(set, `{"keys":[`), "]}")),
		{},
	}
	if public, ok := g.private.Public().(*ecdsa.PublicKey); ok {
		point, err := public.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, point)
	}
	var all []string
	for _, secret := range secrets {
		input := part([]byte(g.header(members{"alg": "HS256"}))) + "." + part([]byte(g.claims(nil)))
		code := hmac.New(sha256.New, secret)
		code.Write([]byte(input))
		all = append(all, input+"."+part(code.Sum(nil)))
	}
	return all
}

// forgery is an assertion that must not be taken, and what an administrator is told.
type forgery struct {
	text  string
	check explain.Check
	got   string // part of what was compared
}

// forgeries are all but those that need more than one key. Each has the jti "once".
func (g signer) forgeries(t *testing.T) map[string]forgery {
	t.Helper()
	now, other := g.s.Clock.Now().Unix(), newPair(t, g.alg, g.kid)
	claims := func(changes members) string {
		return g.claims(members{"jti": "once", "iss": g.id}.and(changes))
	}
	says := func(changes members) string { return g.jws(t, g.header(nil), claims(changes)) }
	heads := func(changes members) string { return g.jws(t, g.header(changes), claims(nil)) }
	whole := says(nil)
	parts := strings.Split(whole, ".")
	twice := func(member string) string {
		return g.jws(t, g.header(nil), strings.Replace(claims(nil), "{", "{"+member+",", 1))
	}
	return map[string]forgery{
		"alg none, without a signature": {part([]byte(g.header(members{"alg": "none"}))) + "." + part([]byte(claims(nil))) + ".", explain.ClientForm, "base64url"},
		"alg none, with one":            {heads(members{"alg": "none"}), explain.ClientKey, "alg none"},
		"alg None":                      {heads(members{"alg": "None"}), explain.ClientKey, "alg None"},
		"no alg":                        {heads(members{"alg": nil}), explain.ClientKey, "algorithm"},
		"alg of another kind of key":    {heads(members{"alg": "RS256"}), explain.ClientKey, "no such key"},
		"alg twice":                     {g.jws(t, strings.Replace(g.header(nil), "{", `{"alg":"none",`, 1), claims(nil)), explain.ClientForm, "header"},
		"alg in capitals":               {heads(members{"alg": nil, "ALG": g.alg}), explain.ClientKey, "algorithm"},
		"an extension that is critical": {heads(members{"crit": []string{"exp"}, "exp": now + 60}), explain.ClientForm, "crit"},
		"a payload that is not encoded": {heads(members{"crit": []string{"b64"}, "b64": false}), explain.ClientForm, "crit"},
		"a token of another kind":       {heads(members{"typ": "at+jwt"}), explain.ClientForm, "header"},
		"a request object":              {heads(members{"typ": "oauth-authz-req+jwt"}), explain.ClientForm, "header"},
		"kid of nobody":                 {heads(members{"kid": "nobody"}), explain.ClientKey, "kid nobody"},
		"kid as a path":                 {heads(members{"kid": "../../../../dev/null"}), explain.ClientKey, "no such key"},
		"kid as SQL":                    {heads(members{"kid": "' UNION SELECT 'x"}), explain.ClientKey, "no such key"},
		"kid with NUL":                  {heads(members{"kid": g.kid + "\x00"}), explain.ClientKey, "no such key"},
		"kid as a list":                 {heads(members{"kid": []string{g.kid}}), explain.ClientForm, "header"},
		"another's key":                 {other.jws(t, g.header(nil), claims(nil)), explain.ClientSignature, ""},
		"a key that comes along": {other.jws(t, g.header(members{
			"jwk": members{"kty": "EC"}, "jku": "https://evil.example.com", "x5u": "https://evil.example.com", "kid": nil,
		}), claims(nil)), explain.ClientSignature, ""},
		"another's claims under the signature": {parts[0] + "." + part([]byte(claims(members{"exp": now + 61}))) + "." + parts[2], explain.ClientSignature, ""},
		"a signature of zeros":                 {parts[0] + "." + parts[1] + "." + part(make([]byte, 64)), explain.ClientSignature, ""},
		"another audience":                     {says(members{"aud": "https://other.example.com"}), explain.ClientAudience, "https://other.example.com"},
		"the issuer with a slash":              {says(members{"aud": g.s.Issuer + "/"}), explain.ClientAudience, ""},
		"a prefix of the issuer":               {says(members{"aud": "http://"}), explain.ClientAudience, ""},
		"the client itself":                    {says(members{"aud": g.id}), explain.ClientAudience, ""},
		"others beside us":                     {says(members{"aud": []string{g.s.Issuer, "https://other.example.com"}}), explain.ClientAudience, "https://other.example.com"},
		"the token endpoint":                   {says(members{"aud": g.s.Issuer + "/oauth2/token"}), explain.ClientAudience, ""},
		"an endpoint beside the issuer":        {says(members{"aud": []string{g.s.Issuer, g.s.Issuer + "/oauth2/token"}}), explain.ClientAudience, ""},
		"no audience":                          {says(members{"aud": nil}), explain.ClientForm, "claims"},
		"an empty list of audiences":           {says(members{"aud": []string{}}), explain.ClientForm, "claims"},
		"an audience of no text":               {says(members{"aud": 1}), explain.ClientForm, "claims"},
		"iss of another":                       {says(members{"iss": g.s.ClientID}), explain.ClientForm, "iss and sub"},
		"sub of another":                       {says(members{"sub": g.s.ClientID}), explain.ClientForm, "iss and sub"},
		"no iss":                               {says(members{"iss": nil}), explain.ClientForm, "claims"},
		"no sub":                               {says(members{"sub": nil}), explain.ClientForm, "iss and sub"},
		"iss in capitals":                      {says(members{"iss": nil, "ISS": g.id}), explain.ClientForm, "claims"},
		"both of nobody":                       {says(members{"iss": "nobody", "sub": "nobody"}), explain.ClientKnown, "nobody"},
		"both with NUL":                        {says(members{"iss": g.id + "\x00", "sub": g.id + "\x00"}), explain.ClientKnown, ""},
		"both as another":                      {says(members{"iss": g.s.ClientID, "sub": g.s.ClientID}), explain.ClientMethod, "private_key_jwt"},
		"as the first-party application":       {says(members{"iss": "gatehouse", "sub": "gatehouse"}), explain.ClientMethod, "private_key_jwt"},
		"no exp":                               {says(members{"exp": nil}), explain.ClientForm, "claims"},
		"exp of no number":                     {says(members{"exp": "2099-01-01"}), explain.ClientForm, "claims"},
		"exp as a text of digits":              {says(members{"exp": "4102444800"}), explain.ClientForm, "claims"},
		"expired":                              {says(members{"exp": now - 30}), explain.ClientTime, "until"},
		"expired long ago":                     {says(members{"exp": 0}), explain.ClientTime, "until"},
		"exp far ahead":                        {says(members{"exp": now + 3631}), explain.ClientTime, "until"},
		"exp beyond all years":                 {says(members{"exp": 1e300}), explain.ClientForm, "claims"},
		"exp before all time":                  {says(members{"exp": -1}), explain.ClientForm, "claims"},
		"nbf in the future":                    {says(members{"nbf": now + 31}), explain.ClientTime, "from"},
		"iat in the future":                    {says(members{"iat": now + 31}), explain.ClientTime, "from"},
		"no jti":                               {g.jws(t, g.header(nil), g.claims(members{"jti": nil})), explain.ClientForm, "claims"},
		"an empty jti":                         {g.jws(t, g.header(nil), g.claims(members{"jti": ""})), explain.ClientForm, "claims"},
		"a jti of 256 bytes":                   {g.jws(t, g.header(nil), g.claims(members{"jti": strings.Repeat("j", 256)})), explain.ClientForm, "claims"},
		"exp twice":                            {twice(`"exp":1`), explain.ClientForm, "claims"},
		"sub twice":                            {twice(`"sub":"x"`), explain.ClientForm, "claims"},
		"a claim of its own twice":             {twice(`"x":1,"x":2`), explain.ClientForm, "claims"},
		"claims that are a list":               {g.jws(t, g.header(nil), "["+claims(nil)+"]"), explain.ClientForm, "claims"},
		"claims and more":                      {g.jws(t, g.header(nil), claims(nil)+"{}"), explain.ClientForm, "claims"},
		"padded":                               {parts[0] + "=." + parts[1] + "." + parts[2], explain.ClientForm, "base64url"},
		"four parts":                           {whole + ".", explain.ClientForm, "base64url"},
		"two parts":                            {parts[0] + "." + parts[1], explain.ClientForm, "base64url"},
		"line breaks":                          {parts[0] + ".\n" + parts[1] + "." + parts[2], explain.ClientForm, "base64url"},
		"more than 8 KiB":                      {says(members{"x": strings.Repeat("x", 8<<10)}), explain.ClientForm, "8 KiB"},
		"in JSON":                              {`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, explain.ClientForm, "base64url"},
	}
}

// and returns the members with changes.
func (m members) and(changes members) members {
	for name, value := range changes {
		m[name] = value
	}
	return m
}

// No forgery is taken, each gets the one answer, none uses up the jti of the
// application that it claims to be, and administrators see why.
func TestForgedAssertions(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		g := newSigner(t, s, "ES256")
		forgeries, answers, body := g.forgeries(t), map[string]servertest.Answer{}, ""
		for i, text := range g.hmacs(t) {
			forgeries[fmt.Sprint("HS256 by the public key, ", i)] = forgery{text, explain.ClientKey, "not one of those for signatures"}
		}
		for name, tt := range forgeries {
			// Each is from an address of its own, for records are kept of so many of one.
			from := servertest.Header("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", len(answers)))
			a := s.Form(t, tokenPath, shown(tt.text, "grant_type", "client_credentials"), from)
			if body == "" {
				body = string(a.Body)
			}
			if answers[name] = a; a.Status != http.StatusUnauthorized || a.Code() != "AUT-1004" || string(a.Body) != body {
				t.Errorf("%s: %d %s, want what others got: %s", name, a.Status, a.Body, body)
			}
		}
		want(t, g.token(t, g.assertion(t, members{"jti": "once"})), http.StatusOK, "")
		a := g.token(t, g.assertion(t, members{"jti": "once"}))
		want(t, a, http.StatusUnauthorized, "AUT-1004")
		reason{
			check: explain.ClientOnce, passed: []string{"client.method", "client.key", "client.signature", "client.audience", "client.time"},
		}.of(t, a, s.Refusal(t, a))
		other := newSigner(t, s, "RS256")
		want(t, other.token(t, other.assertion(t, members{"jti": "once"})), http.StatusOK, "")
		for name, tt := range forgeries {
			t.Run(name, func(t *testing.T) {
				reason{check: tt.check, got: tt.got}.of(t, answers[name], s.Refusal(t, answers[name]))
			})
		}
	})
}

// An application authenticates in the one way that it has registered.
func TestNoOtherWayThanThePrivateKey(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		// It has a secret from before, which counts no more.
		pair := newPair(t, "ES256", "k")
		id, secret := s.NewApplication(t, "signer", byKey, func(a *identity.Application) { a.JWKS = jwks(t, pair) })
		g := newSigner(t, s, "ES256")
		g.pair, g.id = pair, id
		form := url.Values{"grant_type": {"client_credentials"}}
		for name, a := range map[string]servertest.Answer{
			"client_secret_basic": s.Form(t, tokenPath, form, servertest.Basic(id, secret)),
			"client_secret_post":  s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}),
			"introspection":       s.Form(t, introspectAt, url.Values{"token": {"x"}}, servertest.Basic(id, secret)),
			"/v1":                 s.PostJSON(t, v1TokenPath, map[string]string{"grantType": "client_credentials", "clientId": id, "clientSecret": secret}),
		} {
			want(t, a, http.StatusUnauthorized, "AUT-1004")
			t.Run(name, func(t *testing.T) {
				reason{check: explain.ClientMethod, got: "no client_assertion", want: "private_key_jwt"}.of(t, a, s.Refusal(t, a))
			})
		}
		want(t, g.token(t, g.assertion(t, nil)), http.StatusOK, "")

		keys := func(a *identity.Application) { a.JWKS = jwks(t, pair) }
		g.id, _ = s.NewApplication(t, "both", keys)
		want(t, g.token(t, g.assertion(t, nil)), http.StatusUnauthorized, "AUT-1004")
		g.id, _ = s.NewApplication(t, "public", keys, public, func(a *identity.Application) { a.GrantTypes = []string{identity.GrantPassword} })
		want(t, g.token(t, g.assertion(t, nil)), http.StatusUnauthorized, "AUT-1004")

		g.id, _ = s.NewApplication(t, "ended", byKey, keys)
		want(t, g.token(t, g.assertion(t, nil)), http.StatusOK, "")
		s.DisableApplication(t, g.id, true)
		a := g.token(t, g.assertion(t, nil))
		want(t, a, http.StatusUnauthorized, "AUT-1004")
		reason{check: explain.ClientEnabled, got: "disabled"}.of(t, a, s.Refusal(t, a))
	})
}

// What stands in two places, or twice, is refused as no good request, whatever it is.
func TestAssertionsBesideOtherCredentials(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	g := newSigner(t, s, "ES256")
	basic := func(id, secret string) servertest.With {
		return func(r *http.Request) { r.SetBasicAuth(id, secret) }
	}
	good := func(pairs ...string) url.Values {
		return shown(g.assertion(t, members{"jti": "kept"}), append([]string{"grant_type", "client_credentials"}, pairs...)...)
	}
	twice := good()
	twice.Add("client_assertion", g.assertion(t, nil))
	types := good()
	types.Add("client_assertion_type", jwtBearer)
	for name, tt := range map[string]struct {
		form  url.Values
		with  []servertest.With
		field string
	}{
		"a secret":          {good("client_secret", "x"), nil, "client_assertion"},
		"Basic":             {good(), []servertest.With{basic(g.id, "x")}, "client_assertion"},
		"Basic, no secret":  {good(), []servertest.With{basic(g.id, "")}, "client_assertion"},
		"basic of another":  {good(), []servertest.With{basic(s.ClientID, s.ClientSecret)}, "client_assertion"},
		"another assertion": {twice, nil, "client_assertion"},
		"another type":      {types, nil, "client_assertion_type"},
		"no type":           {good("client_assertion_type", ""), nil, "client_assertion_type"},
		"the type alone":    {good("client_assertion", ""), nil, "client_assertion"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.Form(t, tokenPath, tt.form, tt.with...)
			want(t, a, http.StatusBadRequest, "AUT-0009")
			if _, named := a.Fields()[tt.field]; !named {
				t.Errorf("fields = %v, want %s", a.Fields(), tt.field)
			}
		})
	}
	t.Run("an unknown type", func(t *testing.T) {
		a := s.Form(t, tokenPath, good("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"))
		want(t, a, http.StatusUnauthorized, "AUT-1004")
		reason{check: explain.ClientForm, got: "client_assertion_type"}.of(t, a, s.Refusal(t, a))
	})
	t.Run("in the query string", func(t *testing.T) {
		want(t, s.Form(t, tokenPath+"?"+good().Encode(), url.Values{}), http.StatusBadRequest, "AUT-0001")
	})
	want(t, s.Form(t, tokenPath, good()), http.StatusOK, "")
}

// A client that nobody knows costs what a wrong signature does, in statements; what
// is checked beside them, clientkeys holds.
func TestUnknownSignersCostTheSame(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		g := newSigner(t, s, "ES256")
		forged := g
		forged.pair = newPair(t, g.alg, g.kid)
		nobody := members{"iss": "nobody", "sub": "nobody"}
		for range 2 { // the first warms the caches
			for name, tt := range map[string]struct {
				text          string
				reads, writes int64
			}{
				"good":    {g.assertion(t, nil), 0, 1},
				"forged":  {forged.assertion(t, nil), 1, 0},
				"unknown": {g.assertion(t, nobody), 1, 0},
				"expired": {g.assertion(t, members{"exp": 1}), 1, 0},
			} {
				reads, writes := s.Reads.Load(), s.Writes.Load()
				g.token(t, tt.text)
				reads, writes = s.Reads.Load()-reads, s.Writes.Load()-writes
				if writes != tt.writes || reads < tt.reads || reads > tt.reads+1 {
					t.Errorf("%s: %d reads and %d writes, want %d and %d", name, reads, writes, tt.reads, tt.writes)
				}
			}
		}
	})
}

// Wherever an application's keys are said to be, this server asks nobody that only
// it can reach; and its answer is that of a wrong signature.
func TestKeysAtAPrivateAddress(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	g := newSigner(t, s, "ES256")
	inside := newSite(t, jwks(t, g.pair))
	port := inside.URL[strings.LastIndex(inside.URL, ":"):]
	hosts := []string{
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "127.9.9.9", "0.0.0.0", "[::]",
		"169.254.169.254", "[::ffff:169.254.169.254]", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[ff02::1]",
	}
	answers := map[string]servertest.Answer{}
	for _, host := range hosts {
		at := newSigner(t, s, "ES256", publishedAt("http://"+host+port+"/keys"))
		at.pair = g.pair
		answers[host] = at.token(t, at.assertion(t, nil))
		want(t, answers[host], http.StatusUnauthorized, "AUT-1004")
	}
	for host, a := range answers {
		t.Run(host, func(t *testing.T) {
			reason{check: explain.ClientKey, got: "could not be fetched", passed: []string{"client.method"}}.of(t, a, s.Refusal(t, a))
		})
	}
	if n := inside.asked.Load(); n > 0 {
		t.Errorf("%d requests arrived", n)
	}
	if strings.Count(s.Log.String(), "not an address of the public internet") < len(hosts) {
		t.Errorf("log:\n%s", s.Log)
	}
}

// An address that sends on to another is not followed there, wherever it leads.
func TestKeysBehindARedirect(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{Config: reachLoopback})
	g := newSigner(t, s, "ES256")
	inside := newSite(t, jwks(t, g.pair))
	door := newDoor(t, inside.URL)
	at := newSigner(t, s, "ES256", publishedAt(door))
	at.pair = g.pair
	a := at.token(t, at.assertion(t, nil))
	want(t, a, http.StatusUnauthorized, "AUT-1004")
	reason{check: explain.ClientKey, got: "status 302"}.of(t, a, s.Refusal(t, a))
	if n := inside.asked.Load(); n > 0 {
		t.Errorf("%d requests arrived", n)
	}
}
