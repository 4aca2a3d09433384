package bootstrap_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity/bootstrap"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Everything that is wrong with a file is told at once, with its line.
func TestMistakes(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/wrong.yaml")
	check(t, err)
	text := strings.ReplaceAll(string(content), "%LONG%", strings.Repeat("x", 2001))
	_, err = bootstrap.Parse([]byte(text), files{"empty": " \n"}.open)
	var wrong bootstrap.Mistakes
	if !errors.As(err, &wrong) {
		t.Fatalf("error %v, want mistakes", err)
	}
	const golden = "testdata/wrong.golden"
	if *update {
		check(t, os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644))
	}
	want, err := os.ReadFile(golden)
	check(t, err)
	if diff := cmp.Diff(string(want), wrong.Error()+"\n"); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	for _, secret := range []string{"a-secret-of", "another-secret"} {
		if strings.Contains(wrong.Error(), secret) {
			t.Errorf("a mistake tells the secret %s", secret)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	bomb := "groups:\n  - id: a\n    name: a\n    permissions: &p {" + strings.Repeat("x: [a], ", 1)
	for i := range 20_000 {
		bomb += fmt.Sprintf("r%d: [get], ", i)
	}
	bomb += "}\n"
	for i := range 200 {
		bomb += fmt.Sprintf("  - {id: g%d, name: g, permissions: *p}\n", i)
	}
	merges := "a0: &a0 {id: x}\n"
	for i := range 4 {
		merges += fmt.Sprintf("a%d: &a%d {<<: [%s]}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 60), ", "))
	}
	for name, tt := range map[string]struct{ content, want string }{
		"nothing":             {"", "declares nothing"},
		"comments alone":      {"# nothing\n", "declares nothing"},
		"null":                {"null", "must be fields"},
		"no field":            {"{}", "declares nothing"},
		"text":                {"products", "must be fields"},
		"a list":              {"- products", "must be fields"},
		"no YAML":             {"products:\n  - {", "(line 2): is not YAML: did not find expected node content"},
		"no UTF-8":            {"products: \xff", "is not YAML"},
		"two documents":       {"products: []\n---\nproducts: []\n", "(line 2): holds more than one document"},
		"trailing rubbish":    {"products: []\n---\n}\n", "is not YAML"},
		"a field twice":       {"products: []\nproducts: []", "products (line 2): is given already in line 1"},
		"an unknown alias":    {"products: *none", "unknown anchor"},
		"an alias of itself":  {"products: &p\n  - groups: *p\n", "name (line 2): is required"},
		"a merge of itself":   {"groups:\n  - &g {id: a, name: a, <<: *g}", "merges too deep"},
		"deep keys":           {"applications: [{clientId: a, name: a, jwks: &j {keys: *j}}]", "is nested too deep"},
		"many aliases":        {bomb, "holds more than 2000000 values"},
		"merges of merges":    {merges + "groups: [*a4]", "holds more than 2000000 values"},
		"a field of any name": {"\"a b\\e[31m\": 1\nproducts: []", `"a b\x1b[31m" (line 1): is not a field here`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bootstrap.Parse([]byte(tt.content), files{}.open)
			if !errors.As(err, new(bootstrap.Mistakes)) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse() = %.1000v, want %s", err, tt.want)
			}
		})
	}
}

func TestUnknownFieldNamesThoseThereAre(t *testing.T) {
	t.Parallel()
	_, err := bootstrap.Parse([]byte("groups: [{id: a, name: a, permision: {}}]"), files{}.open)
	var wrong bootstrap.Mistakes
	if !errors.As(err, &wrong) || len(wrong) != 1 {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff([]string{"name", "id", "product", "permissions", "metadata"}, wrong[0].Names); diff != "" || wrong[0].Written != "permision" {
		t.Errorf("written %q, names (-want +got):\n%s", wrong[0].Written, diff)
	}
}

// Paths are relative to the file that names them.
func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "secret", secret+"\n", 0o600)
	write(t, dir, "open-secret", secret+"\n", 0o644)
	head := "products: [{name: shop}]\napplications:\n"
	app := func(id, rest string) string { return "  - {clientId: " + id + ", name: shop, " + rest + "}\n" }

	file, err := bootstrap.Read(write(t, dir, "sound.yaml", head+app("aaa", "clientSecretFile: secret")+app("bbb", "clientSecretFile: "+dir+"/secret"), 0o644))
	check(t, err)
	if file.Name != "sound.yaml" || file.Exposed != nil {
		t.Errorf("name %s, exposed %v", file.Name, file.Exposed)
	}
	path := write(t, dir, "open.yaml", head+app("aaa", "clientSecretFile: open-secret")+app("bbb", "clientSecret: "+secret), 0o644)
	file, err = bootstrap.Read(path)
	check(t, err)
	if len(file.Exposed) != 2 || file.Exposed[0].Line != 3 || file.Exposed[1].Line != 4 {
		t.Errorf("exposed %v, want both secrets", file.Exposed)
	}
	check(t, os.Chmod(path, 0o600))
	if file, err = bootstrap.Read(path); err != nil || len(file.Exposed) != 1 {
		t.Errorf("exposed %v (%v), want the file of the first secret alone", file.Exposed, err)
	}

	for name, want := range map[string]string{
		filepath.Join(dir, "missing"): "cannot be read: no such file",
		dir:                           "cannot be read: is a directory",
		write(t, dir, "huge.yaml", "#"+strings.Repeat(" ", 4<<20), 0o600):                         "has more than 4096 KiB",
		write(t, dir, "dir.yaml", head+app("aaa", "clientSecretFile: ."), 0o600):                  "applications[0].clientSecretFile (line 3): is a directory",
		write(t, dir, "long.yaml", head+app("aaa", "clientSecretFile: huge.yaml"), 0o600):         "has more than 64 KiB",
		write(t, dir, "none.yaml", head+app("aaa", "clientSecretFile: ../nowhere/secret"), 0o600): "clientSecretFile (line 3): no such file",
		write(t, dir, "odd.yaml", head+app("aaa", "clientSecret: \"é"+secret+"\""), 0o600):        "printable ASCII",
	} {
		if _, err := bootstrap.Read(name); !errors.As(err, new(bootstrap.Mistakes)) || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%s) = %v, want %s", name, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/whole.yaml", "testdata/wrong.yaml", "../../examples/minimal.yaml"} {
		content, err := os.ReadFile(name)
		check(f, err)
		f.Add(content)
	}
	f.Add([]byte("groups:\n  - &g {id: a, name: a, <<: [*g, *g]}"))
	f.Add([]byte("applications: [{jwks: &j {a: [*j, *j]}}]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := bootstrap.Parse(content, files{"secret": secret}.open)
		if err != nil && !errors.As(err, new(bootstrap.Mistakes)) {
			t.Errorf("Parse(%q) = %v, want mistakes", content, err)
		}
		if err == nil && file == nil {
			t.Errorf("Parse(%q) returned nothing", content)
		}
	})
}
