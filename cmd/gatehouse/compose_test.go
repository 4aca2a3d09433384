package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// compose is what the tests look at in docker-compose.yml.
type compose struct {
	Services map[string]composeService `yaml:"services"`
}

type composeService struct {
	Image       string            `yaml:"image"`
	Build       string            `yaml:"build"`
	User        string            `yaml:"user"`
	Environment map[string]string `yaml:"environment"`
	Command     []string          `yaml:"command"`
	Volumes     []string          `yaml:"volumes"`
	ReadOnly    bool              `yaml:"read_only"`
	CapDrop     []string          `yaml:"cap_drop"`
	SecurityOpt []string          `yaml:"security_opt"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
	DependsOn map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
}

func readCompose(t *testing.T) compose {
	t.Helper()
	content, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file compose
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"secrets", "postgres", "gatehouse"} {
		if _, found := file.Services[name]; !found {
			t.Fatalf("docker-compose.yml has no service %s", name)
		}
	}
	return file
}

func TestComposeStartsInOrder(t *testing.T) {
	t.Parallel()
	services := readCompose(t).Services

	if got := services["postgres"].Image; got != "postgres:16" {
		t.Errorf("the database is %s, want postgres:16", got)
	}
	if !slices.Contains(services["postgres"].Healthcheck.Test, "pg_isready") {
		t.Errorf("the database's health is asked by %q, want pg_isready", services["postgres"].Healthcheck.Test)
	}
	if want := []string{"CMD", "/gatehouse", "healthcheck"}; !slices.Equal(services["gatehouse"].Healthcheck.Test, want) {
		t.Errorf("the server's health is asked by %q, want %q", services["gatehouse"].Healthcheck.Test, want)
	}
	if got := services["gatehouse"].DependsOn["postgres"].Condition; got != "service_healthy" {
		t.Errorf("the server waits for the database to be %q, want service_healthy", got)
	}
	for _, name := range []string{"postgres", "gatehouse"} {
		if got := services[name].DependsOn["secrets"].Condition; got != "service_completed_successfully" {
			t.Errorf("%s waits for the secrets to be %q, want service_completed_successfully", name, got)
		}
	}
}

func TestComposeConfinesTheServer(t *testing.T) {
	t.Parallel()
	service := readCompose(t).Services["gatehouse"]

	if !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(service.User) {
		t.Errorf("it runs as %q, want a number that is not root's", service.User)
	}
	if !service.ReadOnly {
		t.Error("its file system can be written to")
	}
	if !slices.Equal(service.CapDrop, []string{"ALL"}) {
		t.Errorf("it gives up the capabilities %q, want ALL", service.CapDrop)
	}
	if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
		t.Errorf("its security options %q lack no-new-privileges", service.SecurityOpt)
	}
}

func TestComposeHoldsNoSecret(t *testing.T) {
	t.Parallel()
	for name, service := range readCompose(t).Services {
		for variable, value := range service.Environment {
			if regexp.MustCompile(`PASSWORD|SECRET|DSN`).MatchString(variable) && !strings.HasSuffix(variable, "_FILE") {
				t.Errorf("%s: %s is given in plain, want %s_FILE", name, variable, variable)
			}
			if strings.HasSuffix(variable, "_FILE") && !strings.HasPrefix(value, "/run/secrets/") {
				t.Errorf("%s: %s is read from %s, want a file in /run/secrets", name, variable, value)
			}
		}
	}
}

// TestComposeSettings makes the secrets as the file does and has the
// configuration checked that the server would be started with.
func TestComposeSettings(t *testing.T) {
	t.Parallel()
	services := readCompose(t).Services
	dir := composeSecrets(t, services["secrets"])

	var environ []string
	for variable, value := range services["gatehouse"].Environment {
		value = strings.Replace(value, "/run/secrets", filepath.Join(dir, "server"), 1)
		environ = append(environ, variable+"="+value)
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	check := exec.Command(path, "config", "--check", "--json")
	check.Env, check.Stderr = environ, &stderr
	stdout, err := check.Output()
	if err != nil {
		t.Fatalf("serve would refuse to start: %v\n%s", err, stderr.String())
	}
	var shown map[string]struct{ Value string }
	if err := json.Unmarshal(stdout, &shown); err != nil {
		t.Fatal(err)
	}
	if want := "postgres://gatehouse:[redacted]@postgres:5432/gatehouse"; shown["database.dsn"].Value != want {
		t.Errorf("database.dsn is %s, want %s", shown["database.dsn"].Value, want)
	}

	password, err := os.ReadFile(filepath.Join(dir, "postgres", "password"))
	if err != nil {
		t.Fatal(err)
	}
	dsn, err := os.ReadFile(filepath.Join(dir, "server", "database_dsn"))
	if err != nil {
		t.Fatal(err)
	}
	if len(password) < 40 || !strings.Contains(string(dsn), ":"+string(password)+"@") {
		t.Error("the server's DSN does not hold the password that the database is given")
	}
}

func TestComposeKeepsSecrets(t *testing.T) {
	t.Parallel()
	service := readCompose(t).Services["secrets"]
	dir := composeSecrets(t, service)
	before := readAll(t, dir)

	makeSecrets(t, service, dir)

	if after := readAll(t, dir); before != after {
		t.Error("a second start makes other secrets")
	}
}

// composeSecrets runs the script of the service that makes the secrets.
func composeSecrets(t *testing.T, service composeService) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"postgres", "server"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	makeSecrets(t, service, dir)
	return dir
}

// makeSecrets runs the script in dir; giving files away takes root, so they stay.
func makeSecrets(t *testing.T, service composeService, dir string) {
	t.Helper()
	script := strings.NewReplacer("$$", "$", "cd /secrets\n", "cd "+dir+"\n").Replace(strings.Join(service.Command, "\n"))
	if out, err := exec.Command("sh", "-euc", "chown() { :; }\n"+script).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func readAll(t *testing.T, dir string) string {
	t.Helper()
	var all []byte
	for _, name := range []string{"postgres/password", "server/database_dsn", "server/master_secret"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return string(all)
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	build, final, found := strings.Cut(string(content), "\nFROM scratch\n")
	if !found {
		t.Fatal("the last stage is not made from scratch")
	}
	if !strings.Contains(build, "CGO_ENABLED=0") {
		t.Error("the binary is not static")
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	release := regexp.MustCompile(`(?m)^go (\S+)`).FindSubmatch(mod)
	if want := "FROM golang:" + string(release[1]) + "-"; !strings.Contains(build, want) {
		t.Errorf("it is built with another Go than go.mod names, want %q", want)
	}
	user := readCompose(t).Services["gatehouse"].User
	for _, want := range []string{
		"USER " + user, "--chown=" + user, "EXPOSE 4000", `CMD ["/gatehouse", "healthcheck"]`, "/etc/ssl/certs/ca-certificates.crt",
	} {
		if !strings.Contains(final, want) {
			t.Errorf("the last stage lacks %q", want)
		}
	}
}
