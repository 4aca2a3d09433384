package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity/transfer"
)

func newExportUsers(c *cli) *cobra.Command {
	var o transfer.WriteOptions
	var path string
	cmd := &cobra.Command{
		Use:   "users",
		Short: "Write all users as CSV or NDJSON",
		Long: `Writes all users as CSV, for spreadsheets, or as NDJSON, to a file or to the standard
output. "gatehouse import users" makes the same users of it again, with their
passwords only if the hashes are there.

In CSV, a cell that a spreadsheet would take for a formula begins with an
apostrophe, which the import takes away again.`,
		Example: `  gatehouse export users --output users.csv
  gatehouse export users --format ndjson --with-hashes --output users.ndjson`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Format != transfer.FormatCSV && o.Format != transfer.FormatNDJSON {
				return misused("--format %s is not csv or ndjson", o.Format)
			}
			return c.withStore(func(ctx context.Context, d *database, _ []string) error {
				return c.exportUsers(ctx, d, path, o)
			})(cmd, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Format, "format", transfer.FormatCSV, "`FORMAT` to write: csv or ndjson")
	flags.StringVar(&path, "output", "", "`FILE` to write, which only its owner can read (default: the standard output)")
	flags.BoolVar(&o.Hashes, "with-hashes", false, "write the hashes of their passwords, too")
	c.storeFlags(cmd)
	return cmd
}

func (c *cli) exportUsers(ctx context.Context, d *database, path string, o transfer.WriteOptions) error {
	if err := d.exporting(ctx, "user.export", path, map[string]any{"format": o.Format, "hashes": o.Hashes}); err != nil {
		return err
	}
	bar := c.newProgress("users")
	o.Progress = func(users int) { bar.show(users, -1) }
	users := 0
	err := c.writeOut(path, func(to io.Writer) error {
		return d.store.Snapshot(ctx, func(ctx context.Context) (err error) {
			users, err = transfer.WriteUsers(ctx, d.store, to, o)
			return err
		})
	})
	bar.clear()
	if err != nil || path == "" {
		return err
	}
	return c.printFields(struct {
		Users int `json:"users"`
	}{users}, field{"users", strconv.Itoa(users)})
}

// writeOut writes to a file that only its owner can read, or to the standard
// output. A file is there in whole or, as it was before, not at all; a device or a
// pipe is written to as it is.
func (c *cli) writeOut(path string, write func(to io.Writer) error) error {
	if path == "" {
		return buffered(c.stdout, write)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		device, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(buffered(device, write), device.Close())
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // it is gone already once it has its name
	for _, step := range []func() error{
		func() error { return buffered(file, write) }, file.Sync, file.Close,
		func() error { return os.Rename(file.Name(), path) },
		func() error { return syncDir(filepath.Dir(path)) },
	} {
		if err := step(); err != nil {
			_ = file.Close() // the error before it counts
			return err
		}
	}
	return nil
}

func buffered(to io.Writer, write func(io.Writer) error) error {
	out := bufio.NewWriterSize(to, 64<<10)
	if err := write(out); err != nil {
		return err
	}
	return out.Flush()
}
