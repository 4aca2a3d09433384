package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"text/template"
)

// welcome is what a first start with --dev prints. Each line that begins with
// curl or answer= returns a token when it is pasted into sh: what was made up
// holds no character that would need quoting there, in JSON or in a form.
const welcome = `
Gatehouse answers at {{.Issuer}}, {{.Reach}}. Made up for this first start:

  administrator   {{.Admin.Username}}
  password        {{.Admin.Password}}
  client id       {{.Application.ClientID}}
  client secret   {{.Application.ClientSecret}}

They are shown this once, and kept in {{.File}}.
{{.Issuer}}/docs leads from here to users and applications of your own.
Paste a line to get a token.

# password, as JSON and as RFC 6749 has it
curl -s {{.JSON}} -d '{"grantType":"password","username":"{{.Admin.Username}}","password":"{{.Admin.Password}}"}'
curl -s {{.Form}} -d grant_type=password -d username={{.Admin.Username}} -d password={{.Admin.Password}} -d scope='openid offline_access'

# client_credentials, likewise
curl -s {{.JSON}} -d '{"grantType":"client_credentials","clientId":"{{.Application.ClientID}}","clientSecret":"{{.Application.ClientSecret}}"}'
curl -s {{.Form}} -d grant_type=client_credentials

# refresh_token, with the one that a password request returns
answer=$(curl -s {{.Form}} -d grant_type=password -d username={{.Admin.Username}} -d password={{.Admin.Password}} -d scope='openid offline_access'); token=${answer#*'"refresh_token":"'}; curl -s {{.Form}} -d grant_type=refresh_token -d refresh_token="${token%%'"'*}"

`

// greet tells a developer where the server is: at a first start with everything
// there is to know, later without any secret.
func (c *cli) greet(cfg *loaded, first *credentials) error {
	file := filepath.Join(cfg.DataDir, credentialsIn)
	if first != nil {
		return printWelcome(c.stdout, first, file, cfg.reach())
	}
	if !c.dev {
		return nil
	}
	line := "Gatehouse answers at " + cfg.Tokens.Issuer + ", " + cfg.reach() + "."
	if _, err := os.Stat(file); err == nil {
		line += " The credentials of the first start are in " + file + "."
	}
	_, err := fmt.Fprintln(c.stdout, line)
	return err
}

// reach says who gets through to what listens.
func (c *config) reach() string {
	host, port, err := net.SplitHostPort(c.Listen)
	if err == nil && loopback(host) {
		return "to this machine only (--listen :" + port + " opens it to others)"
	}
	return "to everyone who can reach " + c.Listen
}

// printWelcome writes the credentials of a first start, and how to use them.
func printWelcome(w io.Writer, made *credentials, file, reach string) error {
	page := template.Must(template.New("welcome").Parse(welcome))
	return page.Execute(w, struct {
		*credentials
		File, Reach, JSON, Form string
	}{
		credentials: made,
		Reach:       reach,
		File:        file,
		JSON:        made.Issuer + "/v1/login/oauth/access_token -H 'Content-Type: application/json'",
		Form:        "-u " + made.Application.ClientID + ":" + made.Application.ClientSecret + " " + made.Issuer + "/oauth2/token",
	})
}
