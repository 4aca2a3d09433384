package main

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// source is where a value came from.
type source struct {
	kind string // "default", "dev", "file", "env" or "flag"; "" for nowhere
	name string // the file, variable or flag; empty for the first two
}

func (s source) String() string { return strings.TrimSpace(s.kind + " " + s.name) }

// given is a setting as it was written somewhere.
type given struct {
	text   string
	source source
}

// input is what configuration is read from.
type input struct {
	environ []string          // as os.Environ
	file    string            // --config; empty: what GATEHOUSE_CONFIG says
	flags   map[string]string // setting key to text, of the flags that were given
	dev     bool              // --dev
	beside  bool              // work beside a server, on what its --dev generated too
}

// loaded is a configuration and where each part of it came from.
type loaded struct {
	config
	table   []setting
	sources map[string]source
	exposed mistakes // secret files that others can read
}

// loader gathers what is written, and what is wrong with it.
type loader struct {
	table   []setting
	wrong   mistakes
	exposed mistakes
}

// load reads the configuration: a flag wins over the environment, that over the
// file, and that over the default. When something is wrong it returns mistakes,
// beside what could be read all the same.
func load(in input) (*loaded, error) {
	out := &loaded{sources: map[string]source{}}
	out.table = settings(&out.config)
	l := &loader{table: out.table}

	written := l.defaults(in.dev)
	variables := l.environment(in.environ)
	maps.Copy(written, l.file(in))
	maps.Copy(written, variables)
	maps.Copy(written, l.flags(in.flags))

	for _, s := range l.table {
		g, found := written[s.key]
		if !found {
			g.source.kind = "default"
		}
		out.sources[s.key] = g.source
		l.set(s, g)
	}
	out.exposed = l.exposed
	l.wrong = append(l.wrong, out.imply(in)...)
	l.wrong = append(l.wrong, out.contradictions()...)
	if len(l.wrong) > 0 {
		return out, l.wrong
	}
	return out, nil
}

// set gives a setting what was written for it.
func (l *loader) set(s setting, g given) {
	if g.text == "" {
		return
	}
	err := s.value.set(g.text)
	if err == nil {
		return
	}
	problem := err.Error()
	if s.secret {
		problem = "the value " + problem
	} else {
		problem = fmt.Sprintf("%q %s", g.text, problem)
	}
	l.mistake(s.key, g.source, problem, s.example)
}

func (l *loader) mistake(key string, from source, problem, example string) {
	l.wrong = append(l.wrong, mistake{key, from, problem, example})
}

func (l *loader) defaults(dev bool) map[string]given {
	written := map[string]given{}
	for _, s := range l.table {
		if dev && s.dev != "" {
			written[s.key] = given{s.dev, source{kind: "dev"}}
		} else if s.def != "" {
			written[s.key] = given{s.def, source{kind: "default"}}
		}
	}
	return written
}

func (l *loader) flags(flags map[string]string) map[string]given {
	written := map[string]given{}
	for key, text := range flags {
		written[key] = given{text, source{"flag", "--" + flagName(key)}}
	}
	return written
}

// flagName is the flag of a setting that has one.
func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }

// file reads the file that --config or GATEHOUSE_CONFIG names, if any.
func (l *loader) file(in input) map[string]given {
	path := in.file
	if path == "" {
		path = lookup(in.environ, envPrefix+"CONFIG")
	}
	if path == "" {
		return nil
	}
	from := source{"file", path}
	written := l.known(l.fileTexts(path, from), names{
		setting: func(key string) string { return key },
		suffix:  fileSuffix,
		source: func(name string) source {
			if strings.HasSuffix(name, fileSuffix) {
				return source{"file", path + ", " + name}
			}
			return from
		},
	})
	l.checkConfigFile(path, written)
	return written
}

// fileTexts reads a YAML file into one text a key.
func (l *loader) fileTexts(path string, from source) map[string]string {
	content, err := os.ReadFile(path)
	if err != nil {
		l.mistake("config", from, "cannot be read: "+reason(err).Error(), "")
		return nil
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(content), yaml.Parser()); err != nil {
		l.mistake("config", from, notYAML(err), "")
		return nil
	}
	texts, parts := map[string]string{}, k.KeyMap()
	for _, key := range k.Keys() {
		if len(parts[key]) != 1+strings.Count(key, ".") {
			l.mistake(key, from, "is written with a dot in it; write the part behind the dot indented, under the part before it", "")
		}
		text, err := plain(k.Get(key))
		if err != nil {
			l.mistake(key, from, err.Error(), "")
		}
		if text != "" || !l.group(key) {
			texts[key] = text
		}
	}
	return texts
}

// notYAML says what is wrong with the syntax of a file. When it is no list of
// settings at all, the parser would quote what it is, which may be a secret.
func notYAML(err error) string {
	if strings.Contains(err.Error(), "cannot unmarshal") {
		return "is not a YAML file of settings, such as: {log: {level: debug}}"
	}
	return "is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")
}

// group says whether there are settings under the key.
func (l *loader) group(key string) bool {
	return slices.ContainsFunc(l.table, func(s setting) bool { return strings.HasPrefix(s.key, key+".") })
}

// testPrefix begins the names of what the project's own tests read.
const testPrefix = envPrefix + "TEST_"

// environment reads the variables that begin with GATEHOUSE_.
func (l *loader) environment(environ []string) map[string]given {
	services := serviceLinks(environ)
	texts := map[string]string{}
	for _, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		ours := strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, testPrefix) && name != envPrefix+"CONFIG" && name != tokenVariable
		if ours && !services(name) {
			texts[name] = text
		}
	}
	return l.known(texts, names{
		setting: envName,
		suffix:  strings.ToUpper(fileSuffix),
		source:  func(name string) source { return source{"env", name} },
	})
}

// names is how one source of configuration names the settings.
type names struct {
	setting func(key string) string
	suffix  string // of the name that holds the path of a secret's file
	source  func(name string) source
}

// known sorts texts, which are keyed by the source's own names, by setting.
// Names that are no setting are mistakes; an empty text counts as not written.
func (l *loader) known(texts map[string]string, n names) map[string]given {
	written := map[string]given{}
	var all []string
	for _, s := range l.table {
		name := n.setting(s.key)
		all = append(all, name)
		if text := texts[name]; text != "" {
			written[s.key] = given{text, n.source(name)}
		}
		delete(texts, name)
		if s.secret {
			all = append(all, name+n.suffix)
			l.fromFile(s, written, texts[name+n.suffix], n.source(name+n.suffix))
			delete(texts, name+n.suffix)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		l.mistake(name, n.source(name), "there is no such setting"+didYouMean(name, all), "")
	}
	return written
}

// lookup returns the value of an environment variable, or nothing.
func lookup(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) {
		if text, found := strings.CutPrefix(variable, name+"="); found {
			return text
		}
	}
	return ""
}

// plain is the text of a YAML value: what would be written for it in the
// environment.
func plain(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case []any:
		entries := make([]string, len(v))
		for i := range v {
			text, err := plain(v[i])
			if err != nil {
				return "", err
			}
			entries[i] = text
		}
		return strings.Join(entries, "\n"), nil
	case map[string]any:
		if len(v) == 0 {
			return "", nil
		}
		return "", fmt.Errorf("is a group of settings where a value is expected")
	default:
		return fmt.Sprint(v), nil
	}
}

var serviceHost = regexp.MustCompile(`^(GATEHOUSE(?:_\w+)?)_SERVICE_HOST=`)

// serviceLinks returns a test for the variables that Kubernetes sets for each
// Service it finds ("service links"): those of a Service named gatehouse, or
// gatehouse-db, begin like our settings and are none.
func serviceLinks(environ []string) func(name string) bool {
	var prefixes []string
	for _, variable := range environ {
		if match := serviceHost.FindStringSubmatch(variable); match != nil {
			prefixes = append(prefixes, match[1]+"_SERVICE_", match[1]+"_PORT")
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	}
}
