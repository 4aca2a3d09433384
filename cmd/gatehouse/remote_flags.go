package main

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/errors"
)

// tokenVariable is where an access token for --server may be.
const tokenVariable = envPrefix + "TOKEN"

// remoteFlags say which server a command asks, and as whom.
type remoteFlags struct {
	server, tokenFile string
	plain             bool
}

func (f *remoteFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.server, "server", "", "`URL` of a running server to do it through, over its API, instead of in the database")
	cmd.Flags().StringVar(&f.tokenFile, "token-file", "", "`FILE` with the access token for --server (or "+tokenVariable+")")
	cmd.Flags().BoolVar(&f.plain, "plain-http", false, "let --server be plain http on another machine, where others may read the token on the way")
}

// dial makes ready to ask the server. Nothing is sent yet.
func (f *remoteFlags) dial(environ []string) (*remote, error) {
	if err := f.checkServer(); err != nil {
		return nil, err
	}
	token, err := f.token(environ)
	if err != nil {
		return nil, err
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, misused("the access token holds characters that no token has")
	}
	return newRemote(f.server, token), nil
}

// checkServer says what is wrong with the address.
func (f *remoteFlags) checkServer() error {
	u, err := url.Parse(f.server)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return misused("--server must be the URL of a server, such as https://auth.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return misused("--server must have no user, query or fragment; the token comes from --token-file or " + tokenVariable)
	case u.Scheme == "http" && !loopback(u.Hostname()) && !f.plain:
		return misused("--server is plain http on another machine: others could read the token on the way; use https, or --plain-http if the way is safe")
	}
	return nil
}

// token is the access token. It is never a flag: every user of this machine sees
// the arguments of its processes.
func (f *remoteFlags) token(environ []string) (string, error) {
	if f.tokenFile == "" {
		token := strings.TrimSpace(lookup(environ, tokenVariable))
		if token == "" {
			return "", misused("--server needs an access token: in " + tokenVariable + ", or in a file that --token-file names")
		}
		return token, nil
	}
	token, mode, err := readSecret(f.tokenFile)
	if err != nil {
		return "", usageError{errors.New("--token-file: " + f.tokenFile + " " + err.Error())}
	}
	if mode&worldReadable != 0 {
		return "", misused("--token-file: everyone on this machine may read %s: run chmod 600 %s", f.tokenFile, f.tokenFile)
	}
	return token, nil
}
