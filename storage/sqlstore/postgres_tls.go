package sqlstore

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"gatehouse/errors"
)

// parsePostgres reads the address of a database. Where it leads over a network and
// neither it nor PGSSLMODE nor a service file says how to encrypt, it requires TLS.
// The driver would prefer it: whoever stands in between only has to refuse it.
func parsePostgres(dsn string) (config *pgx.ConnConfig, required bool, err error) {
	config, err = pgx.ParseConfig(dsn)
	if err != nil || sslMode(dsn) != "" || len(falling(config)) == 0 {
		return config, false, err
	}
	config, err = pgx.ParseConfig(withQuery(dsn, "sslmode=require"))
	if err == nil && len(unencrypted(config)) > 0 {
		err = errors.New("the address has no sslmode, and none can be added to it")
	}
	return config, true, err
}

// WeakTLS says what a connection to a database over a network lacks: that it is
// encrypted, or that it was decided how. It is empty for a sound address, and for
// one that cannot be read.
func WeakTLS(dsn string) string {
	config, required, err := parsePostgres(dsn)
	if err != nil {
		return ""
	}
	if required {
		return fmt.Sprintf("has no sslmode: connections to %s are encrypted (sslmode=require), but the server is not authenticated. "+
			"Set sslmode=verify-full, or sslmode=disable to use plaintext", hostsOf(attempts(config)))
	}
	if plain := unencrypted(config); len(plain) > 0 {
		return fmt.Sprintf("lets connections to %s go unencrypted: what is stored, and the password, can be read on the way. Set sslmode=verify-full", hostsOf(plain))
	}
	return ""
}

// attempt is one way to connect that the driver tries.
type attempt struct {
	host string
	tls  *tls.Config // nil: unencrypted
}

// attempts are the ways to connect over a network, in the order in which they are tried.
func attempts(config *pgx.ConnConfig) (all []attempt) {
	all = append(all, attempt{config.Host, config.TLSConfig})
	for _, f := range config.Fallbacks {
		all = append(all, attempt{f.Host, f.TLSConfig})
	}
	return slices.DeleteFunc(all, func(a attempt) bool { return local(a.host) })
}

// unencrypted are the attempts without TLS.
func unencrypted(config *pgx.ConnConfig) []attempt {
	return slices.DeleteFunc(attempts(config), func(a attempt) bool { return a.tls != nil })
}

// falling are the attempts without TLS that follow one with it at the same host.
func falling(config *pgx.ConnConfig) (falls []attempt) {
	all := attempts(config)
	for i, a := range all {
		if i > 0 && a.tls == nil && all[i-1].tls != nil && all[i-1].host == a.host {
			falls = append(falls, a)
		}
	}
	return falls
}

// local says whether a host is this machine: a socket or a loopback address.
func local(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || strings.EqualFold(host, "localhost")
}

func hostsOf(all []attempt) string {
	var hosts []string
	for _, a := range all {
		if !slices.Contains(hosts, a.host) {
			hosts = append(hosts, a.host)
		}
	}
	return strings.Join(hosts, " and ")
}

// sslMode is what the address says of TLS or, where it says nothing, PGSSLMODE does.
// As the driver reads it, the last word counts, and ssl=true is one, too.
func sslMode(dsn string) string {
	query, _ := queryOf(dsn)
	mode, found := "", false
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		switch key, value = decodedTerm(key), decodedTerm(value); {
		case key == "sslmode":
			mode, found = value, true
		case key == "ssl" && value == "true":
			mode, found = "require", true
		}
	}
	if !found {
		return os.Getenv("PGSSLMODE")
	}
	return mode
}

func decodedTerm(text string) string {
	text = strings.TrimSpace(text)
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// queryOf returns the parameters of an address. A question mark in the password,
// which may stand there as it is, does not begin them.
func queryOf(dsn string) (query string, found bool) {
	_, rest, _ := strings.Cut(dsn, "://")
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		rest = rest[i+1:]
	}
	_, query, found = strings.Cut(rest, "?")
	return query, found
}

// withQuery adds a parameter to an address, as the last one.
func withQuery(dsn, parameter string) string {
	switch query, found := queryOf(dsn); {
	case !found:
		return dsn + "?" + parameter
	case query == "":
		return dsn + parameter
	}
	return dsn + "&" + parameter
}

// plaintextHint adds to a refusal of TLS how to do without.
func plaintextHint(err error) error {
	if !strings.Contains(err.Error(), "server refused TLS connection") {
		return err
	}
	return fmt.Errorf("%w; the database has no TLS and its address no sslmode: add sslmode=disable to the address if plaintext is acceptable on that network", err)
}
