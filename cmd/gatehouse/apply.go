package main

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity/bootstrap"
	"gatehouse/identity/registry"
	"gatehouse/server/keys"
)

// errDiffer is no failure, but an exit status: see exitDiffer.
var errDiffer = errors.New("something would change")

func newApply(c *cli) *cobra.Command {
	var o bootstrap.Options
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Make products, groups, applications and first users what a file declares",
		Long: `Makes the database what a YAML file declares: products, groups with their
permissions, applications with given client ids and secrets, and first users.
docs/bootstrap.md says what may be written, examples/ has files to begin with.

It prints what it creates (+), changes (~) and deletes (-), with each field before
and after. All of it is done or nothing; done again, it changes nothing. It works
beside a running server, which sees the changes within a second, and so do any
number of others that apply the same file at once.

What the file does not name is left alone. With --prune, products, groups and
applications that it does not name are deleted; users never are, nor what is built
in. The secret of a new application and the password of a new user that the file
does not give are made up and printed, this once.

Exit status: 0 done, or there was nothing to do, 1 failed, and nothing has changed,
2 the file, the command line or the configuration is wrong, 3 with --dry-run:
something would change.`,
		Example: `  gatehouse apply examples/midaz.yaml --dry-run
  gatehouse apply examples/midaz.yaml
  gatehouse apply gatehouse.yaml --prune --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := c.declared(args[0])
			if err != nil {
				return err
			}
			return c.withStore(func(ctx context.Context, d *database, args []string) error {
				return aboutFile(args[0], c.apply(ctx, d, file, o, dryRun))
			})(cmd, args)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print what would change, and change nothing")
	cmd.Flags().BoolVar(&o.Prune, "prune", false, "delete products, groups and applications that the file does not name")
	c.storeFlags(cmd)
	return cmd
}

func (c *cli) apply(ctx context.Context, d *database, file *bootstrap.File, o bootstrap.Options, dryRun bool) error {
	master, err := d.master()
	if err != nil {
		return err
	}
	r, closeLog, err := d.registry()
	if err != nil {
		return err
	}
	defer closeLog()
	b := d.bootstrapper(r, master)
	if !dryRun {
		result, err := b.Apply(ctx, file, o)
		if err != nil {
			return err
		}
		return c.printApplied(result, false)
	}
	changes, err := b.Plan(ctx, file, o)
	if err != nil {
		return err
	}
	if err := c.printApplied(&bootstrap.Result{Changes: changes}, true); err != nil {
		return err
	}
	if len(changes) > 0 {
		return errDiffer
	}
	return nil
}

func (d *database) bootstrapper(r *registry.Registry, master *keys.Master) *bootstrap.Bootstrap {
	return bootstrap.New(bootstrap.Deps{Registry: r, VerifySecret: master.VerifySecret})
}

// bootstrapFile reads the file that a server is to apply, if there is one.
// Without --dev, no secret in it may be open to everyone on the machine.
func (c *cli) bootstrapFile(cfg *loaded) (*bootstrap.File, error) {
	path := cfg.Bootstrap
	if path == "" {
		return nil, nil
	}
	file, err := bootstrap.Read(path)
	if err == nil && !c.dev && len(file.Exposed) > 0 {
		err = file.Exposed
	}
	if err != nil {
		return nil, aboutFile(path, err)
	}
	return file, nil
}

// bootstrap applies the file of a server that starts, and logs each change. Only
// with --dev is there somebody to show what it makes up.
func (c *cli) bootstrap(ctx context.Context, d *database, b *bootstrap.Bootstrap, file *bootstrap.File) error {
	if file == nil {
		return nil
	}
	result, err := b.Apply(ctx, file, bootstrap.Options{Closed: !c.dev})
	if err != nil {
		return aboutFile(d.cfg.Bootstrap, err)
	}
	for _, change := range result.Changes {
		fields := make([]string, len(change.Fields))
		for i, f := range change.Fields {
			fields[i] = f.Name
		}
		d.log.InfoContext(ctx, "bootstrap", slog.String("file", file.Name), slog.String("action", change.Action),
			slog.String("kind", change.Kind), slog.String("name", change.Name), slog.Any("fields", fields))
	}
	return c.printMade(result.Made)
}

// aboutFile tells what is wrong with a file, or which of its changes was refused.
func aboutFile(path string, err error) error {
	var wrong bootstrap.Mistakes
	if errors.As(err, &wrong) {
		return usageError{errors.New(fileMistakes(path, wrong))}
	}
	var refused *bootstrap.Failure
	if errors.As(err, &refused) {
		return errors.New(path + ": " + refused.Error())
	}
	return err
}
