package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/server"
	"gatehouse/server/servertest"
)

const (
	authorizePath = "/v1/authorize"
	batchPath     = "/v1/authorize/batch"
	listPath      = "/v1/permissions"
)

// midazWorld is a server with two products, midaz and midaz-fees, their groups, some
// of their users and an application of each.
type midazWorld struct {
	*servertest.Server
	admin, auditor, viewer, editor servertest.With   // tokens: of everything, permissions:get, and of midaz
	midaz, fees                    servertest.With   // tokens of applications
	ids                            *strings.Replacer // of $vera, $edith, $wanda, $nina, $midaz and $fees
}

// read and all are the actions of a viewer and of an editor.
var (
	readActions = []string{"get", "head"}
	allActions  = []string{"get", "head", "post", "patch", "delete"}
)

func newMidaz(t testing.TB, s *servertest.Server) *midazWorld {
	t.Helper()
	f := &midazWorld{Server: s, admin: s.Admin(t)}
	midazID, midazSecret := s.NewApplication(t, "midaz")
	feesID, feesSecret := s.NewApplication(t, "midaz-fees")
	for id, permissions := range map[string]map[string][]string{
		"midaz-viewer-group":      {"ledgers": readActions},
		"midaz-contributor-group": {"ledgers": {"get", "head", "post", "patch"}},
		"midaz-editor-group":      {"ledgers": allActions, "accounts": readActions},
		"midaz-fees-editor-group": {"packages": {"*"}, "midaz": {"get"}},
		"auditors":                {"permissions": {"get"}},
		"watchers":                {"*": {"get"}},
	} {
		s.NewGroup(t, f.admin, id, permissions)
	}
	s.NewUser(t, f.admin, "otto", "auditors")
	f.ids = strings.NewReplacer(
		"$vera", s.NewUser(t, f.admin, "Vera", "midaz-viewer-group"),
		"$edith", s.NewUser(t, f.admin, "edith", "midaz-editor-group", "midaz-fees-editor-group"),
		"$wanda", s.SomeUser(t, "wanda", "watchers"), "$nina", s.SomeUser(t, "nina"), "$midaz", midazID, "$fees", feesID,
	)
	f.auditor = s.ActAs(t, "otto", servertest.NewPassword)
	f.viewer, f.editor = s.ActAs(t, "vera", servertest.NewPassword), s.ActAs(t, "edith", servertest.NewPassword)
	f.midaz, f.fees = s.ActAsApplication(t, midazID, midazSecret), s.ActAsApplication(t, feesID, feesSecret)
	return f
}

// eachMidaz runs a test on such a server on every database.
func eachMidaz(t *testing.T, run func(t *testing.T, f *midazWorld)) {
	t.Helper()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) { run(t, newMidaz(t, s)) })
}

// fill puts ids in the place of $vera, $edith, $wanda, $nina, $midaz and $fees.
func (f *midazWorld) fill(text string) string { return f.ids.Replace(text) }

// ask asks a question.
func (f *midazWorld) ask(t testing.TB, body string, as servertest.With) servertest.Answer {
	t.Helper()
	return f.PostJSON(t, authorizePath, f.fill(body), as)
}

// list lists permissions.
func (f *midazWorld) list(t testing.TB, path string, as servertest.With) servertest.Answer {
	t.Helper()
	return f.Get(t, listPath+f.fill(path), as)
}

// another is one more node that takes the same tokens.
func (f *midazWorld) another(t testing.TB, change ...func(*servertest.Options)) *servertest.Server {
	t.Helper()
	o := servertest.Options{Config: func(c *server.Config) { c.Tokens.Issuer = f.Issuer }}
	for _, c := range change {
		c(&o)
	}
	return f.Another(t, o)
}

// answerOf reads a decision as strictly as any client may, and holds it to what
// every decision promises.
func answerOf(t testing.TB, s *servertest.Server, a servertest.Answer) (authorized bool) {
	t.Helper()
	var d struct {
		Authorized *bool           `json:"authorized"`
		Timestamp  time.Time       `json:"timestamp"`
		Reason     json.RawMessage `json:"reason"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(a.Body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil || a.Status != http.StatusOK || d.Authorized == nil {
		t.Fatalf("no decision: %d %s (%v)", a.Status, a.Body, err)
	}
	if now := s.Clock.Now(); !d.Timestamp.Equal(now) || d.Timestamp.Location() != time.UTC {
		t.Errorf("timestamp is %v, want %v", d.Timestamp, now)
	}
	if _, there := a.JSON["code"]; there {
		t.Errorf("a decision has a code: %s", a.Body)
	}
	return *d.Authorized
}

// decided holds an answer to what was expected: "yes", "no", or a code.
func decided(t *testing.T, s *servertest.Server, a servertest.Answer, expected string) {
	t.Helper()
	if status, refused := statuses[expected]; refused {
		want(t, a, status, expected)
		return
	}
	if got := answerOf(t, s, a); got != (expected == "yes") {
		t.Errorf("authorized is %v, want %s: %s", got, expected, a.Body)
	}
}

// statuses are those of the codes that permissions are refused with.
var statuses = map[string]int{
	"AUT-0001": 400, "AUT-0002": 400, "AUT-0003": 400, "AUT-0004": 400, "AUT-0009": 400, "AUT-0006": 401, "AUT-0007": 401, "AUT-1003": 401,
	"AUT-0008": 403, "AUT-2002": 403, "AUT-1015": 404, "AUT-2005": 404, "AUT-2003": 413, "AUT-2004": 415,
}

// about is a question about a subject: "ledgers:get of midaz", with a product if
// there is one. Without a subject it is about the asker.
func about(sub, what string) string {
	permission, product, _ := strings.Cut(what, " of ")
	resource, action, _ := strings.Cut(permission, ":")
	body := fmt.Sprintf(`"resource":%q,"action":%q`, resource, action)
	if sub != "" {
		body += fmt.Sprintf(`,"sub":%q`, sub)
	}
	if product != "" {
		body += fmt.Sprintf(`,"product":%q`, product)
	}
	return "{" + body + "}"
}

// batchOf is a batch of questions.
func batchOf(questions ...string) string {
	return `{"questions":[` + strings.Join(questions, ",") + `]}`
}

// tokenOf returns an access token of a user at the first-party application, bare.
func (f *midazWorld) tokenOf(t testing.TB, username string) string {
	t.Helper()
	return f.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {username}, "password": {servertest.NewPassword}}).Text("access_token")
}
