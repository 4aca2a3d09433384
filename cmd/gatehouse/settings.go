package main

import (
	"log/slog"
	"time"

	"gatehouse/identity"
	"gatehouse/identity/admin"
	"gatehouse/server"
	"gatehouse/server/oauth2"
	"gatehouse/server/telemetry"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// config is the value of every setting: what the server is configured with, and
// what the command itself needs.
type config struct {
	server.Config

	Listen, DataDir string
	Bootstrap       string // a path; empty: none
	IdentityListen  string
	LogoFile        string // a path; empty: none
	CSSFile         string // a path; empty: none
	MasterSecret    []telemetry.Secret
	ShutdownGrace   time.Duration

	DSN            telemetry.Secret
	MaxConnections int
	Policy         identity.PasswordPolicy

	HeaderLimit                                               int
	ReadHeaderTimeout, ReadTimeout, WriteTimeout, IdleTimeout time.Duration

	AuditLog      string
	LogFormat     string
	LogLevel      slog.Level
	MetricsListen string
	Tracing       telemetry.TracingConfig
}

// section is a part of the table.
type section struct {
	title    string
	settings []setting
}

// sections is the table of all settings, bound to the fields of c. Its order is
// the order of `gatehouse config` and of docs/configuration.md.
func sections(c *config) []section {
	return []section{
		{"Server", serverSettings(c)},
		{"Identity API", identitySettings(c)},
		{"Database", databaseSettings(c)},
		{"Tokens and signing keys", tokenSettings(c)},
		{"Passwords", passwordSettings(c)},
		{"Sign-in and its pages", signInSettings(c)},
		{"Abuse", abuseSettings(c)},
		{"HTTP", httpSettings(c)},
		{"Audit", auditSettings(c)},
		{"Logs, metrics, traces", telemetrySettings(c)},
	}
}

// settings is the table without its sections.
func settings(c *config) []setting {
	var table []setting
	for _, part := range sections(c) {
		table = append(table, part.settings...)
	}
	return table
}

const (
	day  = 24 * time.Hour
	year = 365 * day
)

func serverSettings(c *config) []setting {
	return []setting{
		{
			key: "listen", value: address(&c.Listen), def: ":4000", dev: "localhost:4000", example: ":4000",
			doc: "Where to listen. Without a host, on every address of the machine; with `localhost`, on its loopback addresses, so that only this machine gets through; with port 0, on one that is free.",
		},
		{
			key: "issuer", value: webAddress(&c.Tokens.Issuer), example: "https://auth.example.com", weak: c.weakIssuer,
			implied: "with `--dev`: `http://localhost` and the port of `listen`",
			doc:     "The URL under which clients reach the server: the `iss` of every token and the start of every endpoint's address. It must be https, except on a loopback address. Changing it makes all tokens in use worthless.",
		},
		{
			key: "data_dir", value: path(&c.DataDir), def: "./data", example: "/var/lib/gatehouse",
			doc: "The directory of the SQLite database and of what `--dev` generates. It is made, readable by its owner alone, when it is missing.",
		},
		{
			key: "master_secret", value: secrets(&c.MasterSecret), secret: true,
			example: "the output of `openssl rand -hex 32`", implied: "with `--dev`: generated, in `<data_dir>/master-secret`",
			doc: "What encrypts the signing keys and authenticates refresh tokens and client secrets; every node has the same. At least 32 characters. Several, separated by commas or line breaks, rotate it: the first encrypts, all decrypt.",
		},
		{
			key: "owner", value: text(&c.Tokens.Owner), def: "lerian", example: "lerian",
			doc: "The organization's name, in the `owner` claim of users' access tokens.",
		},
		{
			key: "bootstrap", value: path(&c.Bootstrap), example: "/etc/gatehouse/bootstrap.yaml",
			doc: "A YAML file of the products, groups, applications and first users that there are to be, as [bootstrap.md](bootstrap.md) describes. The server applies it at each start, before it answers; it does not start when the file is wrong.",
		},
		{
			key: "shutdown.grace", value: duration(&c.ShutdownGrace, time.Second, 10*time.Minute), def: "20s", example: "20s",
			doc: "After SIGTERM, requests under way have this long to finish; new ones get 503.",
		},
		{
			key: "cleanup.every", value: duration(&c.CleanupEvery, time.Second, day), def: "10m", example: "10m",
			doc: "How often expired rows are deleted, by one node at a time.",
		},
	}
}

func identitySettings(c *config) []setting {
	return []setting{
		{
			key: "identity.listen", value: address(&c.IdentityListen), example: "10.0.0.5:4001",
			doc: "Where the endpoints that administer users, groups, applications and products answer as well, `:4001` by convention, so that it can be an address that the internet does not reach. Empty: nowhere else.",
		},
		{
			key: "identity.on_main", value: opposite(&c.IdentityApart), def: "true", example: "false",
			doc: "Those endpoints answer where `listen` says, too. Without it they are to be found at `identity.listen` alone.",
		},
		{
			key: "identity.list_format", value: oneOf(&c.Identity.ListFormat, admin.ListPage, admin.ListArray), def: admin.ListPage, example: admin.ListPage,
			doc: "The form of the lists of users and groups: `page` is an object with `items`, `page`, `limit` and `total`, `array` the items alone, for older consoles.",
		},
	}
}

func databaseSettings(c *config) []setting {
	return []setting{
		{
			key: "database.dsn", value: dsn(&c.DSN), secret: true, mask: c.maskedDSN, weak: c.weakDatabase,
			example: "postgres://gatehouse@db:5432/gatehouse?sslmode=verify-full", implied: "`sqlite:<data_dir>/gatehouse.db`",
			doc: "The database: `sqlite:PATH`, or `postgres://…`, which several nodes can share. It counts as a secret for the password it may hold. On another machine, set `sslmode=verify-full`: left out, TLS is required and the server not authenticated; `disable`, `allow` and `prefer` permit plaintext.",
		},
		{
			key: "database.max_connections", value: number(&c.MaxConnections, 0, 1000), def: "0", example: "16",
			doc: "How many connections to PostgreSQL a node opens at most, or how many readers of SQLite. 0: 16 and 4.",
		},
	}
}

func tokenSettings(c *config) []setting {
	return []setting{
		{
			key: "tokens.access_lifetime", value: duration(&c.Tokens.AccessLifetime, time.Second, storage.MaxAccessLifetime), def: "1h", example: "1h",
			doc: "How long an access token lives, where its application sets nothing else.",
		},
		{
			key: "tokens.id_lifetime", value: duration(&c.Tokens.IDLifetime, time.Second, storage.MaxAccessLifetime), def: "1h", example: "1h",
			doc: "How long an id token lives.",
		},
		{
			key: "tokens.refresh_lifetime", value: duration(&c.Tokens.RefreshLifetime, time.Second, year), def: "24h", example: "24h",
			doc: "How long a refresh token lives when it is not used, where its application sets nothing else.",
		},
		{
			key: "tokens.session_lifetime", value: duration(&c.Tokens.SessionLifetime, time.Second, year), def: "720h", example: "720h",
			doc: "How long a session lives however often its token is refreshed, where its application sets nothing else.",
		},
		{
			key: "tokens.refresh_grace", value: orNever(&c.Tokens.RefreshGrace, duration(&c.Tokens.RefreshGrace, 0, oauth2.MaxRefreshGrace)), def: "10s", example: "10s",
			doc: "For this long a client that lost the answer may repeat the refresh token it just spent, and gets the same successor; a public client only from the same address, or the same network with the same user agent. 0 switches it off: then every repetition ends the session.",
		},
		{
			key: "tokens.accept_endpoint_audience", value: truth(&c.Tokens.AcceptEndpointAudience), def: "false", example: "false", weak: c.weakAudience,
			doc: "Client assertions (`private_key_jwt`) may have the address of an endpoint as their `aud`, in place of the issuer, as some older libraries have it. Another server that such a client trusts can then have it sign assertions that are good here.",
		},
		{
			key: "keys.rotate_every", value: duration(&c.Keys.RotateEvery, time.Hour, 10*year), def: "2160h", example: "2160h",
			doc: "How old a signing key grows before it is replaced.",
		},
		{
			key: "keys.publish_before", value: duration(&c.Keys.PublishBefore, time.Second, 30*day), def: "1h", example: "1h",
			doc: "How long a new signing key is in the JWKS before it signs: longer than clients cache the JWKS.",
		},
	}
}

func passwordSettings(c *config) []setting {
	return []setting{
		{
			key: "password_hash.memory_kib", value: number(&c.Passwords.MemoryKiB, 7168, 256<<10), def: "19456", example: "19456",
			doc: "Argon2id: memory of one hash in KiB. Together with the iterations it must reach OWASP's minimum. A change re-hashes each password at its next sign-in.",
		},
		{
			key: "password_hash.iterations", value: number(&c.Passwords.Iterations, 1, 32), def: "2", example: "2",
			doc: "Argon2id: passes over the memory.",
		},
		{
			key: "password_hash.parallelism", value: number(&c.Passwords.Parallelism, 1, 16), def: "1", example: "1",
			doc: "Argon2id: lanes.",
		},
		{
			key: "password_hash.concurrent", value: number(&c.Passwords.Concurrent, 0, 1024), def: "0", example: "2",
			doc: "How many hashes run at once; each takes its memory. 0: one a core.",
		},
		{
			key: "password_hash.queue", value: number(&c.Passwords.Queue, 1, 65536), def: "64", example: "64",
			doc: "How many sign-ins may wait for a hash. The next ones get 503 with `Retry-After`.",
		},
		{
			key: "password_policy.min_length", value: number(&c.Policy.MinLength, 8, 32), def: "12", example: "12",
			doc: "The fewest characters of a new password.",
		},
		{
			key: "password_policy.max_length", value: number(&c.Policy.MaxLength, 64, 255), def: "255", example: "255",
			doc: "The most characters of a new password.",
		},
		{
			key: "password_policy.require_upper", value: opposite(&c.Policy.AllowNoUpper), def: "true", example: "true",
			doc: "A new password must have an upper case letter.",
		},
		{
			key: "password_policy.require_lower", value: opposite(&c.Policy.AllowNoLower), def: "true", example: "true",
			doc: "A new password must have a lower case letter.",
		},
		{
			key: "password_policy.require_digit", value: opposite(&c.Policy.AllowNoDigit), def: "true", example: "true",
			doc: "A new password must have a digit.",
		},
		{
			key: "password_policy.require_special", value: opposite(&c.Policy.AllowNoSpecial), def: "true", example: "true",
			doc: "A new password must have a character that is neither letter nor digit.",
		},
		{
			key: "password_policy.forbid_repeats", value: opposite(&c.Policy.AllowRepeats), def: "true", example: "true",
			doc: "A new password must not have two equal characters in a row.",
		},
		{
			key: "password_policy.forbid_common", value: opposite(&c.Policy.AllowCommon), def: "true", example: "true", weak: c.weakPolicy,
			doc: "A new password must not be one that everybody uses.",
		},
		{
			key: "password_policy.forbid_names", value: opposite(&c.Policy.AllowNames), def: "true", example: "true",
			doc: "A new password must not hold the username or the e-mail address.",
		},
	}
}

func signInSettings(c *config) []setting {
	return []setting{
		{
			key: "sign_in.idle", value: duration(&c.Browser.Idle, time.Minute, year), def: "12h", example: "12h",
			doc: "How long people stay signed in in a browser in which they go to no application. It ends earlier when the browser is closed.",
		},
		{
			key: "sign_in.life", value: duration(&c.Browser.Life, time.Minute, year), def: "168h", example: "168h",
			doc: "How long they stay signed in however much they do, counted from when they last entered their password.",
		},
		{
			key: "sign_in.remember", value: orNever(&c.Browser.Remember, duration(&c.Browser.Remember, 0, year)), def: "720h", example: "720h",
			doc: "How long it is in place of both for those who tick \"Keep me signed in on this device\", closed browser or not. 0: nobody is offered to.",
		},
		{
			key: "pages.name", value: text(&c.Brand.Name), example: "Acme",
			doc: "What the pages that people see call the service: see [pages.md](pages.md). Empty: Gatehouse.",
		},
		{
			key: "pages.logo", value: path(&c.LogoFile), example: "/etc/gatehouse/logo.svg",
			doc: "A file with an image, SVG, PNG, JPEG or WebP, that stands at the top of the pages. It is read at each start, which fails when it cannot be used.",
		},
		{
			key: "pages.css", value: path(&c.CSSFile), example: "/etc/gatehouse/pages.css",
			doc: "A file with a style sheet that gives the pages other colors and fonts. It is read at each start, which fails when it cannot be used.",
		},
	}
}

func abuseSettings(c *config) []setting {
	return []setting{
		{
			key: "login.failures", value: number(&c.Throttle.Failures, 0, 1000), def: "5", example: "5", weak: c.weakLogin,
			doc: "So many wrong passwords in a row freeze an account for the address that they came from, or a known device. 0: never, and no delay.",
		},
		{
			key: "login.address_failures", value: number(&c.Throttle.AddressFailures, 0, 100_000), def: "50", example: "50", weak: c.weakLoginAddress,
			doc: "So many wrong passwords at any accounts freeze an address, except for known devices and confidential applications. 0: never.",
		},
		{
			key: "login.freeze", value: duration(&c.Throttle.Freeze, time.Second, day), def: "15m", example: "15m",
			doc: "How long a freeze lasts. Meanwhile the right password gets the same answer as a wrong one.",
		},
		{
			key: "login.delay", value: duration(&c.Throttle.Delay, 0, 2*time.Second), def: "100ms", example: "100ms",
			doc: "How long the attempt after a wrong password at an account is held back; each further one doubles it, up to 8s. Known devices pay for their own alone.",
		},
		{
			key: "rate_limit.token_per_minute", value: number(&c.RateLimit.PerMinute, 0, 10_000_000), def: "600", dev: "0", example: "600", weak: c.weakRateLimit,
			doc: "How many requests one address may send to the token endpoints, with the forms of sign-in pages among them, in a minute, at all nodes together. 0: any number.",
		},
		{
			key: "rate_limit.identity_per_minute", value: number(&c.IdentityLimit.PerMinute, 0, 10_000_000), def: "6000", dev: "0", example: "6000",
			doc: "How many requests one address may send to the identity API in a minute, at all nodes together. 0: any number.",
		},
	}
}

func httpSettings(c *config) []setting {
	return []setting{
		{
			key: "http.header_limit", value: size(&c.HeaderLimit, 4<<10, 1<<20), def: "16KiB", example: "16KiB",
			doc: "The largest request header; a larger one gets 431.",
		},
		{
			key: "http.read_header_timeout", value: duration(&c.ReadHeaderTimeout, time.Second, 10*time.Minute), def: "5s", example: "5s",
			doc: "How long a client may take to send a request's header.",
		},
		{
			key: "http.read_timeout", value: duration(&c.ReadTimeout, time.Second, 10*time.Minute), def: "15s", example: "15s",
			doc: "How long a client may take to send a whole request.",
		},
		{
			key: "http.write_timeout", value: duration(&c.WriteTimeout, time.Second, 10*time.Minute), def: "30s", example: "30s",
			doc: "How long an answer may take, from the end of the request's header.",
		},
		{
			key: "http.idle_timeout", value: duration(&c.IdleTimeout, time.Second, time.Hour), def: "2m", example: "2m",
			doc: "How long a connection is kept open between requests.",
		},
		{
			key: "http.trusted_proxies", value: networks(&c.TrustedProxies), example: "10.0.0.0/8,192.168.7.1", weak: c.weakProxies,
			doc: "Reverse proxies whose `X-Forwarded-For` is believed. Without any, the client is whoever opened the connection.",
		},
		{
			key: "http.cors_origins", value: list(&c.CORSOrigins, "origins", checkOrigin), example: "https://console.example.com", weak: c.weakCORS,
			doc: "Browser origins whose pages may call `/v1`. An application's own origins are set on the application.",
		},
		{
			key: "http.outbound_networks", value: networks((*web.Proxies)(&c.Outbound.AllowPrivate)), example: "10.20.0.0/16", weak: c.weakOutbound,
			doc: "Networks beside the public internet where applications may have addresses that this server asks (`jwksUri`, `backchannelLogoutUri`). Left out, requests never reach this machine or a private network, whatever a name resolves to; with `--dev` they reach this machine.",
		},
	}
}

func auditSettings(c *config) []setting {
	return []setting{
		{
			key: "audit.retention", value: duration(&c.AuditRetention, day, 10*year), def: "8760h", example: "8760h",
			doc: "How long audit events are kept. A change holds for events from then on.",
		},
		{
			key: "audit.log", value: path(&c.AuditLog), example: "/var/log/gatehouse/audit.json",
			doc: "Where audit events are written besides, a line of JSON each: the path of a file, or `stdout`. Empty: nowhere but in the database. To rotate the file, copy and truncate it (`copytruncate`).",
		},
	}
}

func telemetrySettings(c *config) []setting {
	return []setting{
		{
			key: "log.format", value: oneOf(&c.LogFormat, telemetry.FormatJSON, telemetry.FormatText), def: "json", dev: "text", example: "json",
			doc: "How log lines are written, to standard error.",
		},
		{
			key: "log.level", value: level(&c.LogLevel), def: "info", example: "info",
			doc: "The least important log lines that are written.",
		},
		{
			key: "metrics.listen", value: address(&c.MetricsListen), example: "127.0.0.1:9464",
			doc: "Where Prometheus may fetch `/metrics`. Empty: nowhere.",
		},
		{
			key: "tracing.endpoint", value: webAddress(&c.Tracing.Endpoint), example: "http://127.0.0.1:4318",
			doc: "The OpenTelemetry collector that traces are sent to, by OTLP over HTTP. Empty: none are made.",
		},
		{
			key: "tracing.sample_ratio", value: ratio(&c.Tracing.SampleRatio), def: "1", example: "0.05",
			doc: "The share of requests that are traced, where the caller has not decided. 1: all of them.",
		},
	}
}
