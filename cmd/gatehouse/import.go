package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity/registry"
	"gatehouse/identity/transfer"
	"gatehouse/storage"
)

func newImport(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Restore an export, or import users",
		Long: `Restores what "gatehouse export" wrote, "-" from the standard input, into an empty
database, SQLite or PostgreSQL alike: products, groups, users with their passwords
and the subjects by which applications know them, applications with their secrets,
consents, signing keys. All of it is restored or nothing,
and read back before it counts. Tokens that were issued before stay good; sessions
and refresh tokens are not in an export: users sign in again.

The database has to be there ("gatehouse migrate up" makes one) and to know nobody:
what every database begins with is replaced. The master secret must be the one
from before, for keys and secrets are under it. No server may run on the database
meanwhile.

"gatehouse import users" is another command: it adds users of other systems.

Exit status: 0 restored, 1 failed, and the database is as it was, 2 the command
line or the configuration is wrong.`,
		Example: `  gatehouse export backup.ndjson
  GATEHOUSE_DATABASE_DSN=postgres://… gatehouse migrate up
  GATEHOUSE_DATABASE_DSN=postgres://… gatehouse import backup.ndjson`,
		Args: cobra.ExactArgs(1),
		RunE: c.withStore(func(ctx context.Context, d *database, args []string) error {
			return c.restore(asCommand(ctx), d, args[0])
		}),
	}
	c.storeFlags(cmd)
	cmd.AddCommand(newImportUsers(c))
	return cmd
}

func (c *cli) restore(ctx context.Context, d *database, path string) error {
	master, err := d.master()
	if err != nil {
		return err
	}
	file, err := c.openExport(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, closeLog, err := d.registry()
	if err != nil {
		return err
	}
	defer closeLog()
	bar := c.newProgress("records")
	options := transfer.RestoreOptions{
		Progress: func(done, total int) { bar.show(done, float64(done)/float64(max(total, 1))) },
		CheckKey: func(k storage.Key) error {
			if !master.Opens(k) {
				return mistakes{{key: "master_secret", problem: "is not the one that the signing keys in " + path + " are encrypted under"}}
			}
			return nil
		},
		Done: func(ctx context.Context, restored transfer.Counts) error {
			return r.Note(ctx, "database.restore", registry.Subject{Type: "database", ID: path, Name: path}, restoredFacts(restored))
		},
	}
	var counts transfer.Counts
	err = r.InTx(ctx, func(ctx context.Context) (err error) {
		counts, err = transfer.Restore(ctx, d.store, file, options)
		return err
	})
	bar.clear()
	if errors.Is(err, errors.Protected) {
		return errors.New("the database is not empty: there are users, groups, products or applications; an export is restored into an empty one")
	}
	if err != nil {
		return fmt.Errorf("%s was not restored, and the database is as it was: %w", path, err)
	}
	return c.printCounts(counts)
}

// restoredFacts are counts as the audit trail has them.
func restoredFacts(counts transfer.Counts) map[string]any {
	facts := make(map[string]any, len(counts))
	for kind, n := range counts {
		facts[kind] = n
	}
	return facts
}

// openExport opens an export; "-" is the standard input.
func (c *cli) openExport(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(c.stdin), nil
	}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, misused("there is no file %s", path)
	}
	return file, err
}

// printCounts prints how many records of each kind were copied.
func (c *cli) printCounts(counts transfer.Counts) error {
	var fields []field
	for _, kind := range transfer.Kinds {
		fields = append(fields, field{kind + "s", fmt.Sprint(counts[kind])})
	}
	return c.printFields(counts, fields...)
}

func newExport(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write everything to a file",
		Long: `Writes everything as it is at one moment to a file, or to the standard output:
products, groups, users with the hashes of their passwords, the subjects by which
applications know them, applications with the hashes of their secrets, consents,
signing keys as they are stored, encrypted under the master secret. "gatehouse import" restores it into an empty database of either kind, which
is backup, restore, and the way from SQLite to PostgreSQL. It holds up no server.

Not in it: the master secret, which has to be kept elsewhere, sessions, and the
audit trail. Whoever has the file can try passwords; only its owner can read it.`,
		Example: `  gatehouse export backup.ndjson
  gatehouse export | gzip >backup.ndjson.gz`,
		Args: cobra.MaximumNArgs(1),
		RunE: c.withStore(func(ctx context.Context, d *database, args []string) error {
			path := ""
			if len(args) == 1 {
				path = args[0]
			}
			return c.export(ctx, d, path)
		}),
	}
	c.storeFlags(cmd)
	cmd.AddCommand(newExportUsers(c))
	return cmd
}

func (c *cli) export(ctx context.Context, d *database, path string) error {
	if err := d.exporting(ctx, "database.export", path, nil); err != nil {
		return err
	}
	bar := c.newProgress("records")
	var counts transfer.Counts
	err := c.writeOut(path, func(to io.Writer) (err error) {
		counts, err = transfer.Export(ctx, d.store, to, transfer.ExportOptions{
			Release: buildVersion().Version, Now: time.Now(),
			Progress: func(done, total int) { bar.show(done, float64(done)/float64(max(total, 1))) },
		})
		return err
	})
	bar.clear()
	if err != nil || path == "" {
		return err
	}
	return c.printCounts(counts)
}
