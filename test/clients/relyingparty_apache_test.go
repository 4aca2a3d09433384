package clients_test

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"
)

const (
	apache        = "/usr/sbin/apache2"
	apacheModules = "/usr/lib/apache2/modules"
)

// apacheConfig has Apache protect a page of another server, and tell it who reads it.
var apacheConfig = template.Must(template.New("").Parse(`
ServerRoot "{{.Dir}}"
ServerName 127.0.0.1
Listen {{.Address}}
PidFile "{{.Dir}}/pid"
DefaultRuntimeDir "{{.Dir}}"
ErrorLog "{{.Dir}}/error.log"
LogLevel warn
User nobody
Group nogroup
{{range .Modules}}LoadModule {{.}}_module {{$.ModulesDir}}/mod_{{.}}.so
{{end}}
OIDCProviderMetadataURL {{.Issuer}}/.well-known/openid-configuration
OIDCClientID {{.App.ClientID}}
{{with .App.ClientSecret}}OIDCClientSecret {{.}}{{end}}
OIDCRedirectURI {{.Base}}/callback
OIDCCryptoPassphrase only-for-tests
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCProviderBackChannelLogoutSupported On
OIDCStateMaxNumberOfCookies 7 true
{{range .Settings}}{{.}}
{{end}}
<Location "/">
	AuthType openid-connect
	Require valid-user
</Location>
<Location "/bye">
	AuthType None
	Require all granted
</Location>
ProxyPass "/" "{{.Page}}/"
`))

func TestApache(t *testing.T) {
	t.Parallel()
	_, noApache := os.Stat(apache)
	_, noModule := os.Stat(filepath.Join(apacheModules, "mod_auth_openidc.so"))
	need(t, "apache", errors.Join(noApache, noModule))
	s := start(t)
	for name, tt := range map[string]struct{ args, settings []string }{
		"client_secret_basic": {[]string{"--trusted"}, []string{"OIDCProviderTokenEndpointAuth client_secret_basic"}},
		"client_secret_post":  {[]string{"--auth-method", "client_secret_post"}, []string{"OIDCProviderTokenEndpointAuth client_secret_post"}},
		"form_post":           {nil, []string{"OIDCResponseMode form_post", "OIDCProviderTokenEndpointAuth client_secret_basic"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			useApache(t, s, tt.args, tt.settings)
		})
	}
}

// useApache does with a page behind Apache what people do.
func useApache(t *testing.T, s *server, args, settings []string) {
	t.Helper()
	base, app := startApache(t, s, args, settings)
	who := s.admin(t)
	read := func() (header http.Header) {
		t.Helper()
		who.paths = nil
		at := who.visit(t, base+"/")
		if !strings.HasPrefix(at.URL.String(), base) {
			t.Fatalf("at %s: %d %s", at.URL, at.Status, at.Body)
		}
		showsJSON(t, at, &header)
		return header
	}
	first := read()
	if first.Get("OIDC_CLAIM_preferred_username") != s.Admin.Username || first.Get("OIDC_CLAIM_email") == "" || !slices.Contains(who.paths, "/login") {
		t.Errorf("the page is told %v, by way of %v", first, who.paths)
	}
	if again := read(); again.Get("OIDC_CLAIM_sid") != first.Get("OIDC_CLAIM_sid") || slices.Contains(who.paths, "/callback") {
		t.Errorf("signed in again, by way of %v", who.paths)
	}

	old := first.Get("OIDC_access_token")
	refresh := url.Values{"refresh": {base + "/"}, "access_token": {old}}
	if at := who.visit(t, base+"/callback?"+refresh.Encode()); at.URL.String() != base+"/" {
		t.Errorf("refresh: at %s: %s", at.URL, at.Body)
	}
	if next := read(); next.Get("OIDC_access_token") == old || next.Get("OIDC_CLAIM_sid") != first.Get("OIDC_CLAIM_sid") {
		t.Errorf("after a refresh: %v", next)
	}

	s.endSessions(t, app.ClientID)
	told := func() bool { read(); return slices.Contains(who.paths, "/callback") }
	for end := time.Now().Add(15 * time.Second); !told(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("Apache does not know that the session has ended")
		}
	}

	leave := url.Values{"logout": {base + "/bye"}}
	if at := who.visit(t, base+"/callback?"+leave.Encode()); at.URL.Path != "/bye" || at.Status != http.StatusOK {
		t.Errorf("signed out: at %s: %d %s", at.URL, at.Status, at.Body)
	}
	if at := who.get(t, base+"/"); at.URL.Path != "/login" {
		t.Errorf("at %s: still signed in", at.URL)
	}
}

// startApache runs Apache in front of a page that shows the headers it gets, as an
// application of the server.
func startApache(t *testing.T, s *server, args, settings []string) (base string, app application) {
	t.Helper()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = json.NewEncoder(w).Encode(r.Header) }))
	t.Cleanup(page.Close)
	address := freeAddress(t)
	base = "http://" + address
	app = s.newApplication(t, "dev", append([]string{
		"--description", "Apache", "--grant", "authorization_code,refresh_token", "--redirect-uri", base + "/callback",
		"--post-logout-redirect-uri", base + "/bye", "--backchannel-logout-uri", base + "/callback?logout=backchannel",
	}, args...)...)

	dir := t.TempDir()
	var config strings.Builder
	err := apacheConfig.Execute(&config, map[string]any{
		"Dir": dir, "Address": address, "Base": base, "Issuer": s.Issuer, "App": app, "Page": page.URL, "Settings": settings, "ModulesDir": apacheModules,
		"Modules": []string{"mpm_event", "authn_core", "authz_core", "authz_user", "proxy", "proxy_http", "auth_openidc"},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "httpd.conf")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	httpd := exec.Command(apache, "-DFOREGROUND", "-f", file)
	httpd.Stdout, httpd.Stderr = t.Output(), t.Output()
	if err := httpd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = httpd.Process.Signal(os.Interrupt)
		_ = httpd.Wait()
		if log, _ := os.ReadFile(filepath.Join(dir, "error.log")); t.Failed() {
			t.Logf("%s", log)
		}
	})
	await(t, address)
	return base, app
}

// freeAddress is one where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// await waits until somebody listens at an address.
func await(t *testing.T, address string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if connection, err := net.Dial("tcp", address); err == nil {
			_ = connection.Close()
			return
		}
	}
	t.Fatalf("nobody listens at %s", address)
}
