package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/server/oauth2"
	"gatehouse/server/throttle"
)

// shown is a setting as `config --json` prints it.
type shown struct{ Value, Source, Name string }

func TestConfigPrecedence(t *testing.T) {
	t.Parallel()
	file := write(t, "gatehouse.yaml", "listen: :5001\nlog: {level: warn}\n", 0o600)
	variable := []string{"GATEHOUSE_LISTEN=:5002", "GATEHOUSE_OWNER="}
	tests := []struct {
		name    string
		args    []string
		environ []string
		key     string
		want    shown
	}{
		{"default", nil, nil, "listen", shown{":4000", "default", ""}},
		{"dev over default", []string{"--dev"}, nil, "log.format", shown{"text", "dev", ""}},
		{"file over default", []string{"--config", file}, nil, "listen", shown{":5001", "file", file}},
		{"file by environment", nil, []string{"GATEHOUSE_CONFIG=" + file}, "log.level", shown{"warn", "file", file}},
		{"file over dev", []string{"--dev", "--config", write(t, "g.yaml", "log:\n  format: json\n", 0o600)}, nil, "log.format", shown{Value: "json", Source: "file"}},
		{"environment over file", []string{"--config", file}, variable, "listen", shown{":5002", "env", "GATEHOUSE_LISTEN"}},
		{"flag over environment", []string{"--config", file, "--listen", ":5003"}, variable, "listen", shown{":5003", "flag", "--listen"}},
		{"an empty flag is not set", []string{"--listen="}, variable, "listen", shown{":5002", "env", "GATEHOUSE_LISTEN"}},
		{"an empty variable is not set", nil, variable, "owner", shown{"lerian", "default", ""}},
		{"dev issuer follows listen", []string{"--dev", "--listen", "127.0.0.1:5004"}, nil, "issuer", shown{"http://127.0.0.1:5004", "dev", ""}},
		{"database follows data_dir", []string{"--data-dir", "/srv"}, nil, "database.dsn", shown{"sqlite:/srv/gatehouse.db", "default", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := map[string]shown{}
			command{args: append([]string{"config"}, tt.args...), environ: tt.environ}.json(t, &got)
			if tt.want.Source == "file" && tt.want.Name == "" {
				tt.want.Name = got[tt.key].Name
			}
			if diff := cmp.Diff(tt.want, got[tt.key]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.key, diff)
			}
		})
	}
}

func TestConfigReadsEveryForm(t *testing.T) {
	t.Parallel()
	file := write(t, "gatehouse.yaml", `
http:
  trusted_proxies: [10.0.0.0/8, 192.168.7.1]
  outbound_networks: [10.20.0.0/16, "fd00::/8"]
  cors_origins: https://a.example.com, https://b.example.com
  header_limit: 32768
tokens: {access_lifetime: 90m, refresh_grace: 0}
login:
password_policy: {require_digit: false, min_length: 16}
`, 0o600)
	got := map[string]shown{}
	command{args: []string{"config", "--config", file}}.json(t, &got)
	want := map[string]string{
		"http.trusted_proxies":          "10.0.0.0/8,192.168.7.1/32",
		"http.outbound_networks":        "10.20.0.0/16,fd00::/8",
		"http.cors_origins":             "https://a.example.com,https://b.example.com",
		"http.header_limit":             "32KiB",
		"tokens.access_lifetime":        "1h30m",
		"tokens.refresh_grace":          "0",
		"password_policy.require_digit": "false",
		"password_policy.min_length":    "16",
	}
	for key, value := range want {
		if got[key].Value != value || got[key].Source != "file" {
			t.Errorf("%s = %+v, want %s from the file", key, got[key], value)
		}
	}
}

// Every mistake is reported at once, with the setting, where it was written, what
// is wrong and what would be right.
func TestConfigReportsAllMistakes(t *testing.T) {
	t.Parallel()
	empty := write(t, "empty", "\n", 0o600)
	file := write(t, "gatehouse.yaml", `
listen: 4000
tokens:
  access_lifetime: 48h
  refresh_grace: soon
  acces_lifetime: 1h
issuer: https://auth.example.com/
log.level: debug
nonsense: {deep: 1}
`, 0o600)
	out := command{
		args: []string{"config", "--config", file},
		environ: []string{
			"GATEHOUSE_LOG_FORMAT=xml",
			"GATEHOUSE_LOGIN_FAILURE=3",
			"GATEHOUSE_MASTER_SECRET=short",
			"GATEHOUSE_DATABASE_DSN_FILE=" + empty,
			"GATEHOUSE_HTTP_TRUSTED_PROXIES=10.0.0.0/8,elsewhere",
			"GATEHOUSE_HTTP_HEADER_LIMITS=1",
		},
	}.run(t)
	if out.status != gatehouse.ExitUsage {
		t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
	}
	contains(t, out.stderr,
		`listen (file `+file+`): "4000" is not an address to listen on, which is [HOST]:PORT; for example :4000`,
		`tokens.access_lifetime (file `+file+`): "48h" is not between 1s and 24h; for example 1h`,
		`tokens.refresh_grace (file `+file+`): "soon" is not a duration`,
		`tokens.acces_lifetime (file `+file+`): there is no such setting; did you mean tokens.access_lifetime?`,
		`issuer (file `+file+`): "https://auth.example.com/" ends in a slash; for example https://auth.example.com`,
		`log.level (file `+file+`): is written with a dot in it`,
		`nonsense.deep (file `+file+`): there is no such setting`,
		`log.format (env GATEHOUSE_LOG_FORMAT): "xml" is not json or text; for example json`,
		`GATEHOUSE_LOGIN_FAILURE (env GATEHOUSE_LOGIN_FAILURE): there is no such setting; did you mean GATEHOUSE_LOGIN_FAILURES?`,
		`master_secret (env GATEHOUSE_MASTER_SECRET): the value is shorter than 32 characters (entry 1); for example the output of`,
		`database.dsn (env GATEHOUSE_DATABASE_DSN_FILE): `+empty+` is empty`,
		`http.trusted_proxies (env GATEHOUSE_HTTP_TRUSTED_PROXIES): "10.0.0.0/8,elsewhere" has an entry that is neither`,
		`GATEHOUSE_HTTP_HEADER_LIMITS (env GATEHOUSE_HTTP_HEADER_LIMITS): there is no such setting; did you mean GATEHOUSE_HTTP_HEADER_LIMIT?`,
	)
}

func TestConfigMistakesOfFiles(t *testing.T) {
	t.Parallel()
	there := write(t, "secret", secret, 0o600)
	tests := []struct {
		name    string
		file    string
		environ []string
		want    string
	}{
		{"no file", "/nowhere.yaml", nil, "config (file /nowhere.yaml): cannot be read: no such file or directory"},
		{"not YAML", write(t, "g.yaml", "a: [", 0o600), nil, "is not YAML: line 1"},
		{"a list at the top", write(t, "g.yaml", "- a", 0o600), nil, "is not a YAML file of settings"},
		{"twice in the file", write(t, "g.yaml", "owner: a\nowner: b\n", 0o600), nil, "is not YAML"},
		{"a group for a value", write(t, "g.yaml", "owner: {a: b}", 0o600), nil, "owner.a (file"},
		{"no secret file", "", []string{"GATEHOUSE_MASTER_SECRET_FILE=/nowhere"}, "/nowhere cannot be read: no such file or directory"},
		{"a directory", "", []string{"GATEHOUSE_MASTER_SECRET_FILE=/"}, "/ is not a file with a secret in it"},
		{
			"value and file", "",
			[]string{"GATEHOUSE_MASTER_SECRET=" + secret, "GATEHOUSE_MASTER_SECRET_FILE=" + there},
			"master_secret (env GATEHOUSE_MASTER_SECRET_FILE): is set here and as env GATEHOUSE_MASTER_SECRET; leave one out",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := command{args: []string{"config", "--config", tt.file}, environ: tt.environ}.run(t)
			if out.status != gatehouse.ExitUsage {
				t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
			}
			contains(t, out.stderr, tt.want)
		})
	}
}

func TestConfigMasksSecrets(t *testing.T) {
	t.Parallel()
	const password = "hunter2hunter2"
	sources := map[string]command{
		"environment": {environ: []string{"GATEHOUSE_MASTER_SECRET=" + secret, "GATEHOUSE_DATABASE_DSN=postgres://ada:" + password + "@db:5432/g?sslpassword=" + password}},
		"secret files": {environ: []string{
			"GATEHOUSE_MASTER_SECRET_FILE=" + write(t, "m", secret+"\n", 0o600),
			"GATEHOUSE_DATABASE_DSN_FILE=" + write(t, "d", "postgres://ada:"+password+"@db:5432/g\n", 0o600),
		}},
		"file": {args: []string{"--config", write(t, "g.yaml", "master_secret: "+secret+"\ndatabase: {dsn: 'postgres://ada:"+password+"@db:5432/g'}", 0o600)}},
		"files named in the file": {args: []string{"--config", write(t, "g.yaml",
			"master_secret_file: "+write(t, "m", secret, 0o600)+"\ndatabase: {dsn_file: "+write(t, "d", "postgres://ada:"+password+"@db:5432/g", 0o600)+"}", 0o600)}},
	}
	for name, c := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.args = append([]string{"config"}, c.args...)
			for _, asJSON := range []bool{false, true} {
				if asJSON {
					c.args = append(c.args, "--json")
				}
				out := c.run(t)
				if out.status != gatehouse.ExitOK {
					t.Fatalf("status %d: %s", out.status, out.stderr)
				}
				lacks(t, out.stdout+out.stderr, secret, password)
				contains(t, out.stdout, "postgres://ada:[redacted]@db:5432/g", "[redacted]")
			}
		})
	}
	t.Run("a secret in place of the file", func(t *testing.T) {
		t.Parallel()
		out := command{args: []string{"config", "--config", write(t, "g.yaml", password, 0o600)}}.run(t)
		if out.status != gatehouse.ExitUsage {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
		}
		lacks(t, out.stdout+out.stderr, password[:4])
	})
	t.Run("a wrong secret", func(t *testing.T) {
		t.Parallel()
		out := command{args: []string{"config"}, environ: []string{"GATEHOUSE_MASTER_SECRET=" + secret + "," + password}}.run(t)
		if out.status != gatehouse.ExitUsage {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
		}
		lacks(t, out.stdout+out.stderr, secret, password)
	})
}

// A Service named gatehouse makes Kubernetes set variables that begin like ours.
func TestConfigIgnoresServiceLinks(t *testing.T) {
	t.Parallel()
	command{args: []string{"config"}, environ: []string{
		"GATEHOUSE_SERVICE_HOST=10.0.0.1", "GATEHOUSE_SERVICE_PORT=4000", "GATEHOUSE_SERVICE_PORT_HTTP=4000",
		"GATEHOUSE_PORT=tcp://10.0.0.1:4000", "GATEHOUSE_PORT_4000_TCP=tcp://10.0.0.1:4000", "GATEHOUSE_PORT_4000_TCP_ADDR=10.0.0.1",
		"GATEHOUSE_DB_SERVICE_HOST=10.0.0.2", "GATEHOUSE_DB_PORT_5432_TCP_PROTO=tcp",
	}}.ok(t)
	out := command{args: []string{"config"}, environ: []string{"GATEHOUSE_PORT=4000"}}.run(t)
	if out.status != gatehouse.ExitUsage {
		t.Errorf("GATEHOUSE_PORT without a Service: status %d, want %d", out.status, gatehouse.ExitUsage)
	}
}

func TestConfigCheck(t *testing.T) {
	t.Parallel()
	safe := []string{"GATEHOUSE_MASTER_SECRET=" + secret, "GATEHOUSE_ISSUER=https://auth.example.com"}
	open := func(name, content string) string { return write(t, name, content, 0o644) }
	tests := []struct {
		name    string
		args    []string
		environ []string
		want    []string // parts of what is said; none: it may start
	}{
		{"safe", nil, safe, nil},
		{"plain http on loopback", []string{"--issuer", "http://127.0.0.1:4000"}, safe, nil},
		{"plain http on localhost", []string{"--issuer", "http://localhost:4000"}, safe, nil},
		{"plain http on IPv6 loopback", []string{"--issuer", "http://[::1]:4000"}, safe, nil},
		{"a secret file of the group", nil, []string{safe[1], "GATEHOUSE_MASTER_SECRET_FILE=" + write(t, "m", secret, 0o640)}, nil},
		{"anything with --dev", []string{"--dev"}, nil, nil},
		{"nothing set", nil, nil, []string{"master_secret: is not set", "GATEHOUSE_MASTER_SECRET_FILE", "openssl rand -hex 32", "issuer: is not set", "GATEHOUSE_ISSUER"}},
		{"plain http", []string{"--issuer", "http://auth.example.com"}, safe, []string{"issuer (flag --issuer): http://auth.example.com is plain http", "https://auth.example.com"}},
		{"plain http to what only looks like loopback", []string{"--issuer", "http://127.0.0.1.example.com"}, safe, []string{"is plain http"}},
		{
			"a secret file of everyone", nil,
			[]string{safe[1], "GATEHOUSE_MASTER_SECRET_FILE=" + open("m", secret)},
			[]string{"master_secret (env GATEHOUSE_MASTER_SECRET_FILE): everyone on this machine may read", "chmod 600"},
		},
		{
			"a configuration of everyone with a secret",
			[]string{"--config", open("g.yaml", "master_secret: "+secret)},
			safe[1:],
			[]string{"master_secret (file", "everyone on this machine may read"},
		},
		{"a configuration of everyone without one", []string{"--config", open("g.yaml", "database: {dsn: 'sqlite:/srv/g.db'}\nmaster_secret_file: "+write(t, "m", secret, 0o600))}, safe[1:], nil},
		{"unsafe and mistaken", []string{"--listen", "x"}, nil, []string{"master_secret: is not set", "issuer: is not set", `listen (flag --listen): "x"`}},
		{"too short is not unset", nil, []string{safe[1], "GATEHOUSE_MASTER_SECRET=x"}, []string{"shorter than 32"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := command{args: append([]string{"config", "--check", "--data-dir", t.TempDir()}, tt.args...), environ: tt.environ}.run(t)
			want := gatehouse.ExitOK
			if len(tt.want) > 0 {
				want = gatehouse.ExitUsage
			}
			if out.status != want {
				t.Errorf("status %d, want %d: %s", out.status, want, out.stderr)
			}
			contains(t, out.stderr, tt.want...)
		})
	}
}

func TestConfigWarns(t *testing.T) {
	t.Parallel()
	tests := []struct{ variable, want string }{
		{"GATEHOUSE_RATE_LIMIT_TOKEN_PER_MINUTE=0", "rate_limit.token_per_minute is 0"},
		{"GATEHOUSE_LOGIN_FAILURES=0", "login.failures is 0"},
		{"GATEHOUSE_LOGIN_ADDRESS_FAILURES=0", "login.address_failures is 0"},
		{"GATEHOUSE_PASSWORD_POLICY_FORBID_COMMON=false", "password_policy.forbid_common is false"},
		{"GATEHOUSE_ISSUER=http://localhost:4000", "issuer is plain http"},
		{"GATEHOUSE_TOKENS_ACCEPT_ENDPOINT_AUDIENCE=true", "tokens.accept_endpoint_audience is true"},
		{"GATEHOUSE_DATABASE_DSN=postgres://ada:hunter2@db.example.com/g", "database.dsn has no sslmode: connections to db.example.com are encrypted"},
		{"GATEHOUSE_DATABASE_DSN=postgres://ada:hunter2@db.example.com/g?sslmode=prefer", "database.dsn lets connections to db.example.com go unencrypted"},
		{"GATEHOUSE_HTTP_TRUSTED_PROXIES=10.0.0.0/8,0.0.0.0/0", "http.trusted_proxies holds 0.0.0.0/0"},
		{"GATEHOUSE_HTTP_CORS_ORIGINS=*", "http.cors_origins holds *"},
		{"GATEHOUSE_HTTP_OUTBOUND_NETWORKS=::/0", "http.outbound_networks holds ::/0"},
	}
	for _, tt := range tests {
		t.Run(tt.variable, func(t *testing.T) {
			t.Parallel()
			out := command{args: []string{"config"}, environ: []string{tt.variable}}.run(t)
			contains(t, out.stderr, "warning: "+tt.want)
			if n := strings.Count(out.stderr, "\n"); n != 1 {
				t.Errorf("%d lines, want 1:\n%s", n, out.stderr)
			}
		})
	}
	t.Run("what --dev brings along", func(t *testing.T) {
		t.Parallel()
		out := command{args: []string{"config", "--dev", "--data-dir", t.TempDir()}}.run(t)
		if out.stderr != "" {
			t.Errorf("said %q, want nothing", out.stderr)
		}
	})
}

// What --dev generated is used beside a running server, and says so.
func TestConfigDevSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "master-secret")
	if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	got := map[string]shown{}
	command{args: []string{"config", "--dev", "--data-dir", dir}}.json(t, &got)
	if diff := cmp.Diff(shown{"[redacted]", "dev", path}, got["master_secret"]); diff != "" {
		t.Errorf("master_secret (-want +got):\n%s", diff)
	}
	command{args: []string{"config", "--data-dir", dir}}.json(t, &got)
	if got["master_secret"].Value != "" {
		t.Errorf("without --dev the generated secret is used")
	}
}

// The defaults that the table tells are those of the packages.
func TestDefaultsAreThePackages(t *testing.T) {
	t.Parallel()
	got, err := gatehouse.Defaults()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(oauth2.Config{}.WithDefaults(), got.Tokens); diff != "" {
		t.Errorf("tokens (-package +table):\n%s", diff)
	}
	got.Throttle.Window = throttle.Defaults().Window // it has no setting
	if diff := cmp.Diff(throttle.Defaults(), got.Throttle); diff != "" {
		t.Errorf("login (-package +table):\n%s", diff)
	}
}

// Settings that are right each by itself, but not together, are mistakes too.
func TestConfigContradictions(t *testing.T) {
	t.Parallel()
	tests := []struct{ environ, want string }{
		{"GATEHOUSE_PASSWORD_HASH_MEMORY_KIB=7168", "password_hash: 7168 KiB with 2 iterations is less than OWASP's minimum"},
		{"GATEHOUSE_IDENTITY_ON_MAIN=false", "identity.on_main: is false while identity.listen is empty"},
		{"GATEHOUSE_KEYS_ROTATE_EVERY=1h", "keys: signing keys: they are published for longer than they sign"},
	}
	for _, tt := range tests {
		t.Run(tt.environ, func(t *testing.T) {
			t.Parallel()
			out := command{args: []string{"config"}, environ: []string{tt.environ}}.run(t)
			if out.status != gatehouse.ExitUsage {
				t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
			}
			contains(t, out.stderr, tt.want)
		})
	}
}
