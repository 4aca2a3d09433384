package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"gatehouse/identity/bootstrap"
	"gatehouse/identity/wire"
)

func newPermissionsDiff(c *cli) *cobra.Command {
	var o bootstrap.Options
	cmd := &cobra.Command{
		Use:   "diff FILE",
		Short: "Say who would gain or lose what if a file were applied",
		Long: `Says which answers would flip if "gatehouse apply" were given the file: who would
be allowed (+) or no longer allowed (-) what. Nothing is changed. What else the
file would change is told by "gatehouse apply --dry-run".

It asks what the groups concerned permit before or after, of all products at once;
what flips because of a permission for * is told by that permission. Users and
applications that are created or enabled gain what they may do, those that are
deleted or disabled lose it. Whether rules would keep the file from being applied,
such as the one that an administrator stays, is not looked at.

Over --server the token needs permissions:get, and groups:get, products:get,
applications:get and users:get; at most 1000 groups and 1000 users may differ.

Exit status: 0 nothing would flip, 3 something would, 1 failed, 2 the file, the
command line or the configuration is wrong.`,
		Example: `  gatehouse permissions diff examples/midaz.yaml
  gatehouse permissions diff gatehouse.yaml --prune --json
  GATEHOUSE_TOKEN=… gatehouse permissions diff gatehouse.yaml --server https://auth.example.com`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&o.Prune, "prune", false, "as apply --prune: the file is all there is to be")
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		file, err := c.declared(args[0])
		if err != nil {
			return err
		}
		effect, err := bootstrap.EffectOf(ctx, a.present(), file, o)
		if err != nil {
			return aboutFile(args[0], err)
		}
		simulation, err := simulateEffect(ctx, a, effect)
		if err != nil {
			return err
		}
		if err := c.printSimulation(simulation); err != nil {
			return err
		}
		if len(simulation.Flips) > 0 {
			return errDiffer
		}
		return nil
	})
}

// declared reads a file for apply, and warns of secrets that others may read.
func (c *cli) declared(path string) (*bootstrap.File, error) {
	file, err := bootstrap.Read(path)
	if err != nil {
		return nil, aboutFile(path, err)
	}
	for _, m := range file.Exposed {
		fmt.Fprintf(c.stderr, "warning: %s\n", m)
	}
	return file, nil
}

// printSimulation prints what would flip.
func (c *cli) printSimulation(s wire.Simulation) error {
	if c.json {
		return c.printJSON(s)
	}
	var b strings.Builder
	paint, gained := c.paint(), 0
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range s.Flips {
		change := signs[bootstrap.Delete]
		if f.Allowed {
			change = signs[bootstrap.Create]
			gained++
		}
		line := fmt.Sprintf("%s %s\t%s", change.sign, harmless(f.Resource+":"+f.Action), whose(f))
		if paint {
			line = change.colour + line + "\x1b[0m"
		}
		fmt.Fprintln(w, line)
	}
	_ = w.Flush() // to memory, which does not fail
	if s.Truncated {
		b.WriteString("… and more, which would be too many to tell.\n")
	}
	if len(s.Flips) == 0 {
		b.WriteString("Nothing would flip.\n")
	} else {
		fmt.Fprintf(&b, "To flip: %d to be allowed, %d to be no longer allowed.\n", gained, len(s.Flips)-gained)
	}
	_, err := io.WriteString(c.stdout, b.String())
	return err
}

// mostTold is how many users, roles or applications a line tells by name.
const mostTold = 10

// whose are those for whom an answer would flip.
func whose(f wire.Flip) string {
	var all []string
	tell := func(noun string, names []string, count int) {
		if count > 0 {
			all = append(all, counted(noun, names[:min(mostTold, len(names))], count))
		}
	}
	tell("user", f.Users, f.UserCount)
	tell("role", f.Roles, len(f.Roles))
	tell("application", f.Applications, len(f.Applications))
	return strings.Join(all, "; ")
}
