package main

import (
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"

	"gatehouse/errors"
	"gatehouse/server/telemetry"
)

const (
	sqlitePrefix   = "sqlite:"
	databaseFile   = "gatehouse.db"  // in data_dir
	masterSecretIn = "master-secret" // in data_dir: what --dev generated
)

// imply fills in the settings whose default follows from other settings.
func (l *loaded) imply(in input) mistakes {
	if l.DSN == "" {
		l.DSN = telemetry.Secret(sqlitePrefix + filepath.Join(l.DataDir, databaseFile))
	}
	if in.dev && l.Tokens.Issuer == "" {
		l.Tokens.Issuer = devIssuer(l.Listen)
		l.sources["issuer"] = source{kind: "dev"}
	}
	if in.dev && len(l.Outbound.AllowPrivate) == 0 {
		l.Outbound.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
		l.sources["http.outbound_networks"] = source{kind: "dev"}
	}
	if (in.dev || in.beside) && len(l.MasterSecret) == 0 {
		return l.generatedSecret()
	}
	return nil
}

// generatedSecret takes the master secret that `serve --dev` keeps in the data
// directory, if it did.
func (l *loaded) generatedSecret() mistakes {
	path := filepath.Join(l.DataDir, masterSecretIn)
	text, mode, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	from := source{"dev", path}
	if err != nil {
		return mistakes{{"master_secret", from, path + " " + err.Error(), ""}}
	}
	if mode&worldReadable != 0 {
		l.exposed = append(l.exposed, exposedFile("master_secret", from, path))
	}
	l.MasterSecret = []telemetry.Secret{telemetry.Secret(text)}
	l.sources["master_secret"] = from
	return nil
}

// devIssuer is the address under which this machine reaches a listener.
func devIssuer(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// sqlitePath is the file of a SQLite database, or empty for another database.
func (c *config) sqlitePath() string {
	path, found := strings.CutPrefix(c.DSN.Reveal(), sqlitePrefix)
	if !found {
		return ""
	}
	return path
}

// maskedDSN is the DSN without the password and without the parameters, which may hold one.
func (c *config) maskedDSN() string {
	if c.sqlitePath() != "" {
		return c.DSN.Reveal()
	}
	u, err := url.Parse(c.DSN.Reveal())
	if err != nil || u.Host == "" {
		return c.DSN.String()
	}
	shown := u.Scheme + "://"
	if u.User != nil {
		shown += url.User(u.User.Username()).String() + ":" + c.DSN.String() + "@"
	}
	return shown + u.Host + u.Path
}
