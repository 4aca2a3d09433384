package main_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gatehouse "gatehouse/cmd/gatehouse"
)

var update = flag.Bool("update", false, "rewrite docs/configuration.md")

const configurationPage = "../../docs/configuration.md"

func TestConfigurationPage(t *testing.T) {
	t.Parallel()
	page := gatehouse.ConfigurationPage()
	if *update {
		if err := os.WriteFile(configurationPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(configurationPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), page); diff != "" {
		t.Errorf("docs/configuration.md is not what the settings say; go test ./cmd/gatehouse -update rewrites it (-written +settings):\n%s", diff)
	}
}

// Every line of the example file is right, whether it is commented out or not,
// and what is not commented out is the default.
func TestConfigurationPageExample(t *testing.T) {
	t.Parallel()
	found := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(gatehouse.ConfigurationPage())
	if found == nil {
		t.Fatal("the page has no YAML")
	}
	var defaults, written map[string]shown
	command{args: []string{"config"}}.json(t, &defaults)
	command{args: []string{"config", "--config", write(t, "gatehouse.yaml", found[1], 0o600)}}.json(t, &written)
	for key, d := range defaults {
		if written[key].Value != d.Value {
			t.Errorf("%s is %q in the example, and %q by default", key, written[key].Value, d.Value)
		}
		if d.Value != "" && written[key].Source != "file" && key != "database.dsn" {
			t.Errorf("%s is not in the example", key)
		}
	}

	whole := strings.ReplaceAll(found[1], "# ", "")
	whole = strings.ReplaceAll(whole, "/run/secrets/database_dsn", write(t, "dsn", "postgres://db/gatehouse", 0o600))
	whole = strings.ReplaceAll(whole, "/run/secrets/master_secret", write(t, "secret", secret, 0o600))
	command{args: []string{"config", "--config", write(t, "gatehouse.yaml", whole, 0o600)}}.json(t, &written)
	for key, w := range written {
		if w.Source != "file" {
			t.Errorf("%s comes from %s, want the file", key, w.Source)
		}
	}
}
