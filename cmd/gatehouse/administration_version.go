package main

import (
	"github.com/spf13/cobra"

	"gatehouse/identity/registry"
)

// versioned is one of a kind in its present version; 0: its kind has no versions.
type versioned[T any] struct {
	value   T
	version int64
}

// versionFlag gives a command --if-version.
func versionFlag(cmd *cobra.Command) {
	cmd.Flags().Int64("if-version", 0, "only if this is still its version (`N`), as show prints it")
}

// ifVersion is what --if-version says; nil: any version will do.
func ifVersion(cmd *cobra.Command) (registry.Versions, error) {
	if !cmd.Flags().Changed("if-version") {
		return nil, nil
	}
	version, err := cmd.Flags().GetInt64("if-version")
	if err != nil {
		return nil, err
	}
	if version < 1 {
		return nil, misused("--if-version must be at least 1")
	}
	return registry.Versions{version}, nil
}
