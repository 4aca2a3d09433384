package main_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/storage/storagetest"
)

// transcript holds command lines with what they print. -update rewrites what
// they print.
const transcript = "testdata/administration.golden"

// Every command prints the same, word for word and on both databases, whether it
// works in the database or over the API.
func TestAdministration(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(transcript)
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^[#$] .*$`).FindAllString(string(content), -1)
	want := string(content)
	for _, db := range storagetest.Databases() {
		for name, start := range map[string]func(*testing.T, storagetest.Database) *site{"database": inDatabase, "API": overAPI} {
			t.Run(db.Name+" "+name, func(t *testing.T) {
				if !*update {
					t.Parallel()
				}
				s := start(t, db)
				var got strings.Builder
				for _, line := range lines {
					if words, is := strings.CutPrefix(line, "$ "); is {
						got.WriteString(line + "\n" + s.run(t, words))
					} else {
						got.WriteString("\n" + line + "\n\n")
					}
				}
				if *update {
					want = got.String()
					if err := os.WriteFile(transcript, []byte(want), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(want, got.String()); diff != "" {
					t.Errorf("commands print (-golden +got), -update rewrites:\n%s", diff)
				}
			})
		}
	}
}

// site is a server, and a way to administer it.
type site struct {
	*server
	environ []string
	where   []string // what says where, on every command line
	known   map[string]string
}

// inDatabase is the administration of the database beside its server.
func inDatabase(t *testing.T, db storagetest.Database) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{environ: []string{"GATEHOUSE_DATABASE_DSN=" + db.DSN(t)}, where: []string{"--data-dir", dir}, known: map[string]string{}}
	s.server = serve(t, s.environ, "--dev", "--data-dir", dir)
	s.known["$ADMIN"] = readFirstStart(t, dir).Admin.Password
	return s
}

// overAPI is the administration of a server by its first administrator.
func overAPI(t *testing.T, db storagetest.Database) *site {
	t.Helper()
	s := inDatabase(t, db)
	s.environ = []string{"GATEHOUSE_TOKEN=" + s.signIn(t, "admin", s.known["$ADMIN"])}
	s.where = []string{"--server", "http://" + s.address}
	return s
}

// run carries out one line of the transcript and returns what came of it. In the
// line, $CLIENT, $APP, $SESSION and the like stand for what was printed last.
func (s *site) run(t *testing.T, line string) string {
	t.Helper()
	for name, value := range s.known {
		line = strings.ReplaceAll(line, name, value)
	}
	line, stdin, _ := strings.Cut(line, " <<<")
	args := words(line)
	switch args[0] {
	case "sign-in":
		s.signIn(t, args[1], args[2])
		return ""
	case "refuse": // leaves a record under a request id
		s.refuse(t, args[1])
		return ""
	}
	out := command{args: append(args[1:], s.where...), environ: s.environ, stdin: stdin}.run(t)
	s.learn(out.stdout)
	text := out.stdout + out.stderr
	for _, d := range differences {
		text = d.is.ReplaceAllString(text, d.becomes)
	}
	if out.status != 0 {
		text += fmt.Sprintf("exit status %d\n", out.status)
	}
	return text
}

// words splits a line as a shell does, as far as it needs to.
func words(line string) []string {
	var all []string
	for _, word := range regexp.MustCompile(`(?:"[^"]*"|\S)+`).FindAllString(line, -1) {
		all = append(all, strings.ReplaceAll(word, `"`, ""))
	}
	return all
}

// learned is what later lines refer to.
var learned = map[string]*regexp.Regexp{
	"$CLIENT":  regexp.MustCompile(`(?m)^client id +([0-9a-f]{20})$`),
	"$APP":     regexp.MustCompile(`(?m)^id +([0-9a-f-]{36})$`),
	"$SESSION": regexp.MustCompile(`(?m)^gatehouse .* ([0-9a-f-]{36})$`),
}

func (s *site) learn(printed string) {
	for name, pattern := range learned {
		if match := pattern.FindStringSubmatch(printed); match != nil {
			s.known[name] = match[1]
		}
	}
}

// differences are what may differ between two servers: ids, secrets and times,
// and that only the API knows of requests.
var differences = []struct {
	is      *regexp.Regexp
	becomes string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`), "(id)"},
	{regexp.MustCompile(`\b[0-9a-f]{40}\b`), "(secret)"},
	{regexp.MustCompile(`\b[0-9a-f]{20}\b`), "(client id)"},
	{regexp.MustCompile(`\d{4}-\d{2}-\d{2}T[0-9:.]+Z`), "(time)"},
	{regexp.MustCompile(`(?m)^(password +|  "password": ")\S{16,}?("?,?)$`), "${1}(password)${2}"},
	{regexp.MustCompile(`(?m) +$`), ""},
	{regexp.MustCompile(`\n  request id: \w+`), ""},
	{regexp.MustCompile(`(?m) command \S+$`), " command (somebody)"},
}

// signIn returns an access token of a user.
func (s *server) signIn(t *testing.T, username, password string) string {
	t.Helper()
	status, answer := s.post(t, "/oauth2/token", url.Values{"grant_type": {"password"}, "username": {username}, "password": {password}})
	token, _ := answer["access_token"].(string)
	if status != http.StatusOK || token == "" {
		t.Fatalf("sign-in of %s: %d %v", username, status, answer)
	}
	return token
}

// refuse has a request refused, and waits until its record is there.
func (s *server) refuse(t *testing.T, requestID string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address+"/v1/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Request-Id", requestID)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	time.Sleep(2 * time.Second) // a record is written within a second
}
