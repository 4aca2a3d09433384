package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

func newConfig(c *cli) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show every setting in force and where it came from",
		Long: `Prints the value of every setting as "gatehouse serve" with the same flags would
use it, and its source: default, dev, file, env or flag. Secrets are masked.
What is wrong or weakens security is listed on standard error.

With --check it also reads the database, as it is before or after an upgrade, and
lists the groups of products whose permissions for the identity API do not count,
and the applications that act in them, each with the commands that mend it.

docs/configuration.md explains each setting.

Exit status: 0 done, 2 something is wrong with the configuration, or, with
--check, "gatehouse serve" would refuse to start.`,
		Example: `  gatehouse config
  gatehouse config --config gatehouse.yaml --json
  gatehouse config --check       # before a deployment: would serve start?
  gatehouse config --dev`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.config(cmd, check)
		},
	}
	c.configFlags(cmd, serveFlags)
	c.devFlag(cmd, "what serve --dev would use")
	c.jsonFlag(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "fail when serve would refuse to start")
	return cmd
}

// settingView is a setting as `config --json` prints it.
type settingView struct {
	Value  string `json:"value"`
	Source string `json:"source"`         // default, dev, file, env or flag
	Name   string `json:"name,omitempty"` // of the file, variable or flag
}

func (c *cli) config(cmd *cobra.Command, check bool) error {
	cfg, wrong := load(c.input(cmd, serveFlags))
	views := map[string]settingView{}
	var rows [][]string
	for _, s := range cfg.table {
		from := cfg.sources[s.key]
		views[s.key] = settingView{s.shown(), from.kind, from.name}
		rows = append(rows, []string{s.key, s.shown(), from.String()})
	}
	if err := c.print(views, []string{"SETTING", "VALUE", "SOURCE"}, rows); err != nil {
		return err
	}
	if check && !c.dev {
		wrong = cfg.fitToServe(wrong)
	}
	if check {
		wrong = cfg.readBrand(wrong)
	}
	if check && wrong == nil {
		_, wrong = c.bootstrapFile(cfg)
	}
	if wrong != nil {
		return wrong
	}
	weak := cfg.warnings()
	for _, key := range slices.Sorted(maps.Keys(weak)) {
		fmt.Fprintf(c.stderr, "warning: %s %s\n", key, weak[key])
	}
	if check {
		c.checkPower(cmd.Context(), cfg)
	}
	return nil
}
