package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/errors"
)

// cli is what all commands share: the world outside, and the flags that say
// which configuration to use.
type cli struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer

	started bool // the command line was understood, and the command is on its way
	file    string
	dev     bool
	json    bool
}

// usageError is a command line that asks for what cannot be.
type usageError struct{ error }

// Unwrap returns what is wrong with it.
func (e usageError) Unwrap() error { return e.error }

func misused(format string, values ...any) error {
	return usageError{fmt.Errorf(format, values...)}
}

func newRoot(c *cli) *cobra.Command {
	root := &cobra.Command{
		Use:   "gatehouse",
		Short: "OAuth 2.0 and OpenID Connect authorization server",
		Long: `Gatehouse is an OAuth 2.0 and OpenID Connect authorization server with identity
administration, in one binary.

Settings come from flags, GATEHOUSE_… environment variables and a YAML file, in
this order of precedence; "gatehouse config" shows each with its source.

Exit status: 0 done, 1 failed, 2 the command line or the configuration is wrong
and nothing was tried, 3 a dry run found something to do, or the answer is no.`,
		Example: `  gatehouse serve --dev                # a working server from nothing
  gatehouse config                     # what is set, and where it was set
  gatehouse user list --data-dir ./data`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.AddCommand(
		newServe(c), newApply(c), newMigrate(c), newConfig(c), newKeys(c), newUser(c),
		newGroup(c), newProduct(c), newApplication(c), newPermissions(c), newImport(c), newExport(c), newAudit(c), newExplain(c), newHealthcheck(c), newVersion(c),
	)
	c.noteStart(root)
	return root
}

// noteStart makes every command record that it was reached: an error before
// that is about the command line.
func (c *cli) noteStart(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		c.noteStart(sub)
	}
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			c.started = true
			return work(cmd, args)
		}
	}
}

// group is a command that is nothing without one of its own commands.
func group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, sub := range cmd.Commands() {
			names = append(names, sub.Name())
		}
		return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), didYouMean(args[0], names))
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.AddCommand(commands...)
	return cmd
}

// The settings that commands take as flags.
var (
	dataFlags  = []string{"data_dir"}
	serveFlags = []string{"listen", "issuer", "data_dir", "bootstrap"}
)

// configFlags gives a command --config and the flags of some settings. They
// have no defaults of their own: what was not given does not count.
func (c *cli) configFlags(cmd *cobra.Command, keys []string) {
	table := settings(new(config))
	cmd.Flags().StringVar(&c.file, "config", "", "YAML `FILE` with settings (or GATEHOUSE_CONFIG)")
	for _, key := range keys {
		s, _ := find(table, key)
		usage, _, _ := strings.Cut(s.doc, ". ")
		usage = strings.TrimSuffix(strings.ReplaceAll(usage, "`", ""), ".")
		if s.def != "" {
			usage += fmt.Sprintf(" (default %s)", s.def)
		}
		cmd.Flags().Var(&settingFlag{kind: s.value.kind}, flagName(key), usage)
	}
}

// settingFlag is the text that was given for a setting. It is checked with all
// other settings, so that all mistakes are reported at once.
type settingFlag struct{ kind, text string }

func (f *settingFlag) Set(text string) error { f.text = text; return nil }
func (f *settingFlag) String() string        { return f.text }
func (f *settingFlag) Type() string          { return strings.ToUpper(f.kind) }

// devFlag gives a command --dev.
func (c *cli) devFlag(cmd *cobra.Command, usage string) {
	cmd.Flags().BoolVar(&c.dev, "dev", false, usage)
}

// jsonFlag gives a command --json.
func (c *cli) jsonFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.json, "json", false, "print JSON")
}

// input is what cmd's configuration is read from.
func (c *cli) input(cmd *cobra.Command, keys []string) input {
	in := input{environ: c.environ, file: c.file, dev: c.dev, flags: map[string]string{}}
	for _, key := range keys {
		if text := cmd.Flags().Lookup(flagName(key)).Value.String(); text != "" {
			in.flags[key] = text
		}
	}
	return in
}

// explain is an error as people read it: what a code says or, where fields are at
// fault, the reason for each; and what is known of the request that was refused.
func explain(err error) string {
	fault := errors.From(err)
	if fault.Cause() != nil && (fault.Kind == errors.KindInternal || fault.Kind == errors.KindUnavailable) {
		return err.Error() // what lies behind it is what helps here
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", fault.Title, fault.Identity().ID)
	for _, field := range slices.Sorted(maps.Keys(fault.Fields)) {
		fmt.Fprintf(&b, "\n  %s: %s", field, fault.Fields[field])
	}
	if len(fault.Fields) == 0 {
		b.WriteString("\n  " + fault.Text())
	}
	if fault.RetryAfter > 0 {
		fmt.Fprintf(&b, "\n  try again in %s", fault.RetryAfter)
	}
	var refused refusal
	if errors.As(err, &refused) {
		b.WriteString("\n  request id: " + refused.requestID)
	}
	return b.String()
}
