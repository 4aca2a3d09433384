package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"gatehouse/storage/sqlstore"
)

func newMigrate(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to date",
		Long: `Brings the schema of the database up to date. The server does so by itself when it
starts; these commands are for those who want it done before, or want to see what
would be done. A migration goes forward only, and keeps the release before it
working.`,
		Example: `  gatehouse migrate plan
  gatehouse migrate up`,
	}, newMigrateUp(c), newMigrateStatus(c), newMigratePlan(c))
}

// migrationView is a migration as --json prints it.
type migrationView struct {
	Version   int64  `json:"version"`
	Name      string `json:"name"`
	AppliedAt string `json:"appliedAt,omitempty"`
	SQL       string `json:"sql,omitempty"`
}

func newMigrateUp(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Apply the pending migrations",
		Long: `Applies the pending migrations and prints them. Each is applied whole or not at
all, so what was interrupted can be run again; several nodes may run it at once. A
SQLite database is made when there is none.`,
		Example: `  gatehouse migrate up
  gatehouse migrate up --data-dir /var/lib/gatehouse`,
		Args: cobra.NoArgs,
		RunE: c.withDatabase(true, func(ctx context.Context, d *database, _ []string) error {
			pending, err := d.pending(ctx)
			if err != nil {
				return err
			}
			tell := func(l lost) { fmt.Fprintf(c.stderr, "warning: %s\n", l) }
			if err := d.migrate(ctx, tell); err != nil {
				return err
			}
			all, err := d.store.Migrations(ctx)
			if err != nil {
				return err
			}
			return c.printMigrations(all[len(all)-len(pending):], "nothing to do: the database is up to date")
		}),
	}
	c.storeFlags(cmd)
	return cmd
}

func newMigrateStatus(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "List all migrations",
		Long:  "Lists all migrations and when they were applied.",
		Example: `  gatehouse migrate status
  gatehouse migrate status --json`,
		Args: cobra.NoArgs,
		RunE: c.withDatabase(false, func(ctx context.Context, d *database, _ []string) error {
			all, err := d.store.Migrations(ctx)
			if err != nil {
				return err
			}
			return c.printMigrations(all, "there are none")
		}),
	}
	c.storeFlags(cmd)
	return cmd
}

func newMigratePlan(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Print the SQL of the pending migrations",
		Long:  "Prints the SQL that \"migrate up\" would run, and runs nothing.",
		Example: `  gatehouse migrate plan
  gatehouse migrate plan --json`,
		Args: cobra.NoArgs,
		RunE: c.withDatabase(false, func(ctx context.Context, d *database, _ []string) error {
			pending, err := d.pending(ctx)
			if err != nil {
				return err
			}
			views := []migrationView{}
			for _, m := range pending {
				views = append(views, migrationView{Version: m.Version, Name: m.Name, SQL: m.SQL})
				if !c.json {
					fmt.Fprintln(c.stdout, m.SQL)
				}
			}
			if c.json {
				return c.printJSON(views)
			}
			return nil
		}),
	}
	c.storeFlags(cmd)
	return cmd
}

// printMigrations prints migrations, or what it means that there are none.
func (c *cli) printMigrations(migrations []sqlstore.Migration, none string) error {
	views := []migrationView{}
	var rows [][]string
	for _, m := range migrations {
		views = append(views, migrationView{Version: m.Version, Name: m.Name, AppliedAt: timestamp(m.AppliedAt)})
		applied := timestamp(m.AppliedAt)
		if applied == "" {
			applied = "pending"
		}
		rows = append(rows, []string{strconv.FormatInt(m.Version, 10), m.Name, applied})
	}
	if len(rows) == 0 && !c.json {
		fmt.Fprintln(c.stdout, none)
		return nil
	}
	return c.print(views, []string{"VERSION", "NAME", "APPLIED"}, rows)
}

// pending returns the migrations that were not applied, oldest first.
func (d *database) pending(ctx context.Context) ([]sqlstore.Migration, error) {
	all, err := d.store.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	var pending []sqlstore.Migration
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			pending = append(pending, m)
		}
	}
	return pending, nil
}
