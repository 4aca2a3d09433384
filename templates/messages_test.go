package templates_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/templates"
)

// TestEveryLanguageHasEveryText holds the message files to the type of all
// texts, and to what the first of them has in braces.
func TestEveryLanguageHasEveryText(t *testing.T) {
	t.Parallel()
	var want []string
	for _, path := range paths(reflect.TypeFor[templates.Messages](), "") {
		want = append(want, strings.ToLower(path))
	}
	slices.Sort(want)
	first := texts(t, templates.Languages()[0])
	for _, language := range templates.Languages() {
		found := texts(t, language)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(found))); diff != "" {
			t.Errorf("%s.json (-type +file):\n%s", language, diff)
		}
		braces := regexp.MustCompile(`\{[^}]*\}?`)
		for path, text := range found {
			if text == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s.json: %s is %q", language, path, text)
			}
			if diff := cmp.Diff(braces.FindAllString(first[path], -1), braces.FindAllString(text, -1)); diff != "" {
				t.Errorf("%s.json: %s (-%s +%s):\n%s", language, path, templates.Languages()[0], language, diff)
			}
		}
	}
}

// TestEveryTextIsUsed finds texts that no page has.
func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	used := make(map[string]bool)
	err := fs.WalkDir(templates.Files, "signin", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		source, err := templates.Files.ReadFile(path)
		for _, found := range regexp.MustCompile(`\[\[-? *(?:with |if )?\.([A-Za-z.]+)`).FindAllSubmatch(source, -1) {
			used[strings.TrimSuffix(string(found[1]), ".Fill")] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths(reflect.TypeFor[templates.Messages](), "") {
		if !used[path] {
			t.Errorf("no page has the text %s", path)
		}
	}
}

func TestEveryLanguageIsOffered(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(templates.Files, "messages/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range names {
		found = append(found, strings.TrimSuffix(strings.TrimPrefix(name, "messages/"), ".json"))
	}
	if diff := cmp.Diff(templates.Languages(), found); diff != "" {
		t.Errorf("languages (-offered +files):\n%s", diff)
	}
}

// paths are the fields of a struct that are texts: "Login.Title".
func paths(of reflect.Type, prefix string) []string {
	var all []string
	for i := range of.NumField() {
		field := of.Field(i)
		if field.Type.Kind() == reflect.Struct {
			all = append(all, paths(field.Type, prefix+field.Name+".")...)
		} else {
			all = append(all, prefix+field.Name)
		}
	}
	return all
}

// texts are those of a message file by their paths in lower case.
func texts(t *testing.T, language string) map[string]string {
	t.Helper()
	content, err := templates.Files.ReadFile("messages/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(content, &tree); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	var walk func(map[string]any, string)
	walk = func(tree map[string]any, prefix string) {
		for key, value := range tree {
			switch value := value.(type) {
			case string:
				all[strings.ToLower(prefix+key)] = value
			case map[string]any:
				walk(value, prefix+key+".")
			}
		}
	}
	walk(tree, "")
	return all
}
