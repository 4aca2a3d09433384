package clients_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// needNode goes on if there is Node.js with the packages of ./node.
func needNode(t *testing.T) {
	t.Helper()
	_, noNode := exec.LookPath("node")
	_, noPackages := os.Stat(filepath.Join("node", "node_modules", "jose"))
	if noPackages != nil {
		noPackages = errors.New("run `npm ci` in test/clients/node")
	}
	need(t, "node", errors.Join(noNode, noPackages))
}

func TestNodeRelyingParties(t *testing.T) {
	t.Parallel()
	needNode(t)
	s := start(t)
	keys, private := newClientKey(t)
	jwk, err := json.Marshal(jose.JSONWebKey{Key: private, KeyID: "a-key", Algorithm: "ES256"})
	if err != nil {
		t.Fatal(err)
	}
	for _, library := range []string{"openid-client", "oauth4webapi"} {
		for name, tt := range map[string]struct {
			args []string
			jwk  json.RawMessage
			par  bool
		}{
			"confidential":    {args: []string{"--trusted"}},
			"public":          {args: []string{"--public", "--id-token-alg", "ES256"}},
			"pushed requests": {args: []string{"--require-par"}, par: true},
			"private_key_jwt": {args: []string{"--auth-method", "private_key_jwt", "--jwks", keys}, jwk: jwk, par: true},
		} {
			t.Run(library+"/"+name, func(t *testing.T) {
				t.Parallel()
				base, settle := startNode(t, library+".mjs")
				app := s.newParty(t, base, tt.args...)
				settle(map[string]any{
					"issuer": s.Issuer, "clientId": app.ClientID, "clientSecret": app.ClientSecret, "jwk": tt.jwk, "par": tt.par,
				})
				useParty(t, s, base)
			})
		}
	}
}

// startNode runs a relying party that is a script in ./node, which ends with the test.
// settle tells it what it has to know and waits until it is ready.
func startNode(t *testing.T, script string) (base string, settle func(settings map[string]any)) {
	t.Helper()
	node := exec.Command("node", script)
	node.Dir = "node"
	node.Stderr = t.Output()
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		if err := node.Wait(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
	})
	lines := bufio.NewReader(out)
	line := func() string {
		text, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%s prints nothing: %v", script, err)
		}
		return strings.TrimSpace(text)
	}
	base = line()
	return base, func(settings map[string]any) {
		t.Helper()
		if err := json.NewEncoder(in).Encode(settings); err != nil {
			t.Fatal(err)
		}
		if ready := line(); ready != "ready" {
			t.Fatalf("%s printed %q", script, ready)
		}
	}
}
