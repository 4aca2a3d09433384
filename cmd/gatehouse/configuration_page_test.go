package main

import (
	"cmp"
	"fmt"
	"strings"
)

// configurationPage is docs/configuration.md.
func configurationPage() string {
	var b strings.Builder
	b.WriteString(pageIntroduction)
	parts := sections(new(config))
	for _, part := range parts {
		fmt.Fprintf(&b, "\n## %s\n\n| Setting and variable | What may be written | Default | Meaning |\n| --- | --- | --- | --- |\n", part.title)
		for _, s := range part.settings {
			writeRow(&b, s)
		}
	}
	b.WriteString(pageExample)
	b.WriteString("\n```yaml\n")
	for _, part := range parts {
		writeYAML(&b, part.settings)
	}
	b.WriteString("```\n")
	return b.String()
}

func writeRow(b *strings.Builder, s setting) {
	names := fmt.Sprintf("`%s`<br>`%s`", s.key, s.env())
	if s.secret {
		names += fmt.Sprintf("<br>or `%s%s`", s.env(), strings.ToUpper(fileSuffix))
	}
	fallback := "none"
	if s.def != "" {
		fallback = "`" + s.def + "`"
	}
	if s.implied != "" {
		fallback = s.implied
	}
	if s.dev != "" {
		fallback += "; with `--dev`: `" + s.dev + "`"
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s |\n", names, s.value.kind, fallback, s.doc)
}

// writeYAML writes settings as they stand in a file: those with a default have
// it, the others are commented out and have an example.
func writeYAML(b *strings.Builder, table []setting) {
	open := ""
	for _, s := range table {
		group, name, nested := strings.Cut(s.key, ".")
		indent := ""
		if nested {
			indent = "  "
			if group != open {
				fmt.Fprintf(b, "%s:\n", group)
			}
			open = group
		} else {
			name = s.key
		}
		switch {
		case s.secret:
			fmt.Fprintf(b, "%s# %s%s: /run/secrets/%s\n", indent, name, fileSuffix, strings.ReplaceAll(s.key, ".", "_"))
		case s.def == "":
			fmt.Fprintf(b, "%s# %s: %s\n", indent, name, quoted(s.example))
		default:
			fmt.Fprintf(b, "%s%s: %s\n", indent, name, quoted(cmp.Or(s.def, s.example)))
		}
	}
}

// quoted is a value as YAML takes it.
func quoted(text string) string {
	if strings.HasPrefix(text, ":") {
		return `"` + text + `"`
	}
	return text
}

const pageIntroduction = `# Configuration

This page is made from the table in ` + "`cmd/gatehouse/settings.go`" + `; ` + "`go test ./cmd/gatehouse -update`" + ` writes it anew.

A setting is looked for, in this order, in

1. the flags ` + "`--listen`, `--issuer`, `--data-dir` and `--bootstrap`" + `,
2. the environment: ` + "`GATEHOUSE_`" + ` and the setting in capitals, its dots replaced by underscores. An empty variable is not set,
3. the YAML file that ` + "`--config FILE` or `GATEHOUSE_CONFIG`" + ` names; without either, no file is read,
4. the defaults below, some of which are others with ` + "`--dev`" + `.

` + "`gatehouse config`" + ` prints every value in force, secrets masked, with its source. A list is written with commas or line
breaks between its entries, in the file also as a YAML list.

Whatever is wrong is reported at once, before anything is done, and ends the command with status 2: values that cannot
be, settings and ` + "`GATEHOUSE_`" + ` variables that do not exist. Two kinds of variable are passed over: the service links that
Kubernetes makes for a Service whose name begins with gatehouse, and ` + "`GATEHOUSE_TEST_…`" + `, which the project's tests read.

## Secrets

` + "`master_secret` and `database.dsn`" + ` are secrets. Each can be read from a file of its own, whose path is in the variable of
the same name with ` + "`_FILE`" + ` behind it (in the YAML file: the same key with ` + "`_file`" + `). White space around the content is left out; an
empty file, and both a value and a file, are mistakes.

## What ` + "`serve`" + ` refuses

Without ` + "`--dev`, `gatehouse serve`" + ` does not start, and says what to set, when

- ` + "`master_secret`" + ` is not set,
- ` + "`issuer`" + ` is not set, or is plain http and no loopback address,
- a file that holds a secret, its own or the YAML file, can be read or written by everyone on the machine.

It starts with a warning that names the setting when one in force weakens security. ` + "`gatehouse config`" + ` prints the same
warnings, and with ` + "`--check`" + ` fails where ` + "`serve`" + ` would refuse.
`

const pageExample = `
## A whole file

Every setting with its default; those without one are commented out.
`
