package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  "Prints the version, the commit it was built from, where known, and the Go release it was built with.",
		Example: `  gatehouse version
  gatehouse version --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := buildVersion()
			return c.printFields(v,
				field{"version", v.Version}, field{"commit", v.Commit}, field{"go", v.Go})
		},
	}
	c.jsonFlag(cmd)
	return cmd
}

// version is what this binary is.
type version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"` // empty when it was not built in a repository
	Go      string `json:"go"`
}

func buildVersion() version {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version{Version: "unknown"}
	}
	v := version{Version: info.Main.Version, Go: info.GoVersion}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			v.Commit = s.Value + v.Commit
		case s.Key == "vcs.modified" && s.Value == "true":
			v.Commit += " and changes"
		}
	}
	return v
}
