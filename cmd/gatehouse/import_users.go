package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/transfer"
	"gatehouse/server/web"
	"gatehouse/storage"
)

const (
	// refusalsShown is how many refused lines are printed, and refusalsInJSON how
	// many with --json. All of them are in the report.
	refusalsShown  = 20
	refusalsInJSON = 1000
	// importKept is how long an import that was interrupted can be continued.
	importKept = 30 * 24 * time.Hour
)

// importUsers is what the command line asks for.
type importUsers struct {
	format, key, report string
	dryRun              bool
}

func newImportUsers(c *cli) *cobra.Command {
	var o importUsers
	cmd := &cobra.Command{
		Use:   "users FILE",
		Short: "Create and change the users in a file",
		Long: `Creates the users in a file, and changes those who are there already to be as the
file says; "-" is the standard input. What the file does not say of a user stays.

The file is NDJSON (a line for each user, with the fields of the API, passwordHash
instead of password), CSV with a header, or what Keycloak or Auth0 export. Their
password hashes work: bcrypt, PBKDF2, scrypt and Argon2. docs/operations.md has all
fields and columns.

A line that is refused does not hold up the others. Users are written a thousand
at a time; after an interruption the same command goes on where it stopped. A
running server sees the users at once.

Exit status: 0 all lines were taken, 1 some were refused, or it failed, 2 the
command line or the configuration is wrong.`,
		Example: `  gatehouse import users staff.csv --dry-run
  gatehouse import users keycloak-realm.json --report refused.ndjson
  gatehouse import users users.ndjson --key email --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return c.withRegistry(func(ctx context.Context, d *database, r *registry.Registry, args []string) error {
				return c.importUsers(ctx, d, r, args[0], o)
			})(cmd, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", "auto", "`FORMAT` of the file: auto, ndjson or csv")
	flags.StringVar(&o.key, "key", transfer.KeyUsername, "what tells whether a user is there: username or email")
	flags.BoolVar(&o.dryRun, "dry-run", false, "check everything and change nothing")
	flags.StringVar(&o.report, "report", "", "`FILE` to write all refused lines to, as NDJSON")
	c.storeFlags(cmd)
	return cmd
}

func (o *importUsers) check() error {
	switch {
	case o.format != "auto" && o.format != transfer.FormatNDJSON && o.format != transfer.FormatCSV:
		return misused("--format %s is not auto, ndjson or csv", o.format)
	case o.key != transfer.KeyUsername && o.key != transfer.KeyEmail:
		return misused("--key %s is not username or email", o.key)
	}
	if o.format == "auto" {
		o.format = transfer.FormatAuto
	}
	return nil
}

func (c *cli) importUsers(ctx context.Context, d *database, r *registry.Registry, path string, o importUsers) (err error) {
	file, err := c.openImport(path)
	if err != nil {
		return err
	}
	defer file.close()
	saved := storage.Import{}
	if file.digest != "" && !o.dryRun {
		if saved, err = d.store.Import(ctx, file.id(o)); err != nil {
			return err
		}
	}
	if saved.Lines > 0 {
		fmt.Fprintf(c.stderr, "%s was imported up to line %d of its users before; this goes on behind it\n", path, saved.Lines)
	}
	refused, err := openReport(o.report, saved)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, refused.close()) }()
	bar := c.newProgress("users")
	shown := refusalsShown
	if c.json {
		shown = refusalsInJSON
	}
	report, err := transfer.Users(ctx, transfer.UsersDeps{
		Registry: r, Verify: identity.NewPasswords(d.cfg.Passwords).Verify, Parse: parseIdentity,
	}, file, transfer.UsersOptions{
		Format: o.format, Key: o.key, DryRun: o.dryRun, Refusals: shown, Source: file.digest,
		From: transfer.Report{
			Lines: saved.Lines, Created: saved.Created, Updated: saved.Updated, Unchanged: saved.Unchanged, Refused: saved.Refused,
		},
		Progress: func(p transfer.Progress) { bar.show(p.Lines-saved.Lines, file.part(p.Bytes)) },
		Save: func(ctx context.Context, before, after transfer.Report, lines []transfer.RefusedLine) error {
			size, err := refused.put(before, after, lines)
			if err != nil || o.dryRun || file.digest == "" {
				return err
			}
			return d.saveImport(ctx, file.id(o), before, after, size)
		},
	})
	bar.clear()
	if err != nil {
		return c.importFailed(ctx, err, file, report, o)
	}
	if file.digest != "" && !o.dryRun {
		if err := d.store.DeleteImport(ctx, file.id(o)); err != nil {
			return err
		}
	}
	return c.printImport(report)
}

// parseIdentity reads one JSON object, with the codes of the Identity endpoints.
func parseIdentity(text []byte) (map[string]any, error) {
	return web.ParseObject(text, web.IdentityCodes())
}

func (d *database) saveImport(ctx context.Context, id string, before, after transfer.Report, reportBytes int64) error {
	ok, err := d.store.SaveImport(ctx, storage.Import{
		ID: id, Lines: after.Lines, Created: after.Created, Updated: after.Updated, Unchanged: after.Unchanged, Refused: after.Refused,
		ReportBytes: reportBytes, ExpiresAt: d.now().Add(importKept),
	}, before.Lines)
	if err == nil && !ok {
		return errors.New("somebody else imports the same file at the moment")
	}
	return err
}

// importFailed says what was done before an import failed.
func (c *cli) importFailed(ctx context.Context, err error, file *importFile, done transfer.Report, o importUsers) error {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	switch {
	case done.Lines == 0 || o.dryRun:
		return err
	case file.digest == "":
		return errors.Join(err, fmt.Errorf("%d users were imported before; repeat it, and they count as unchanged", done.Lines-done.Refused))
	default:
		return errors.Join(err, fmt.Errorf("%d lines were imported before; the same command goes on behind them", done.Lines))
	}
}

// importView is the outcome of an import as --json prints it.
type importView struct {
	DryRun    bool                   `json:"dryRun"`
	Lines     int                    `json:"lines"`
	Created   int                    `json:"created"`
	Updated   int                    `json:"updated"`
	Unchanged int                    `json:"unchanged"`
	Refused   int                    `json:"refused"`
	Refusals  []transfer.RefusedLine `json:"refusals"`
}

func (c *cli) printImport(r transfer.Report) error {
	dry := ""
	if r.DryRun {
		dry = "yes, nothing was changed"
	}
	view := importView{r.DryRun, r.Lines, r.Created, r.Updated, r.Unchanged, r.Refused, append([]transfer.RefusedLine{}, r.Refusals...)}
	err := c.printFields(view, field{"dry run", dry}, field{"lines", strconv.Itoa(r.Lines)}, field{"created", strconv.Itoa(r.Created)},
		field{"updated", strconv.Itoa(r.Updated)}, field{"unchanged", strconv.Itoa(r.Unchanged)}, field{"refused", strconv.Itoa(r.Refused)})
	if err != nil {
		return err
	}
	if !c.json {
		c.printRefusals(r)
	}
	if r.Refused > 0 {
		return fmt.Errorf("%d of %d lines were refused", r.Refused, r.Lines)
	}
	return nil
}
