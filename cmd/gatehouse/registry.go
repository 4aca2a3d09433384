package main

import (
	"context"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/identity/permissions"
	"gatehouse/identity/registry"
	"gatehouse/server/audit"
	"gatehouse/server/browser"
)

// withRegistry makes a command of work that changes identities, on behalf of
// whoever runs it.
func (c *cli) withRegistry(work func(ctx context.Context, d *database, r *registry.Registry, args []string) error) func(*cobra.Command, []string) error {
	return c.withStore(func(ctx context.Context, d *database, args []string) error {
		r, closeLog, err := d.registry()
		if err != nil {
			return err
		}
		defer closeLog()
		return work(asCommand(ctx), d, r, args)
	})
}

// registry is what changes identities by their rules. Its events go to the file
// that audit.log names, too, but not to the standard output, which is the
// command's. close writes those that wait. Commands that make client secrets ask
// for master first: without a master secret the hash is one that no secret has.
func (d *database) registry() (r *registry.Registry, closeLog func(), err error) {
	path := d.cfg.AuditLog
	if path == auditStdout {
		path = ""
	}
	events, closeLog, err := auditLog(path, nil, d.log)
	if err != nil {
		return nil, nil, err
	}
	return d.registryWith(events), closeLog, nil
}

// registryWith is registry with a log of events that is open.
func (d *database) registryWith(events *audit.Log) *registry.Registry {
	return registry.New(registry.Deps{
		Store:          d.store,
		Hash:           identity.NewPasswords(d.cfg.Passwords).Hash,
		Rules:          d.cfg.Policy,
		HashSecret:     d.hashSecret,
		Policy:         d.policy,
		SignIns:        browser.New(browser.Deps{Store: d.store, Now: time.Now}, d.cfg.Browser).SignIns,
		Emit:           events.Emit,
		AuditRetention: d.cfg.AuditRetention,
		Now:            time.Now,
	})
}

func (d *database) hashSecret(secret string) string {
	master, err := d.master()
	if err != nil {
		return ""
	}
	return master.HashSecret(secret)
}

// policy is what the groups permit.
func (d *database) policy(ctx context.Context) (*identity.Policy, error) {
	return permissions.Stored{Store: d.store}.Policy(ctx)
}

// asCommand is a context in which the system's user who runs the command changes things.
func asCommand(ctx context.Context) context.Context {
	name := strconv.Itoa(os.Getuid())
	if who, err := user.Current(); err == nil && who.Username != "" {
		name = who.Username
	}
	return registry.WithActor(ctx, registry.Actor{Type: registry.ActorCommand, ID: name, Name: name})
}

// audited does what is done past the registry, and appends the event with what it
// returns in the same transaction.
func (d *database) audited(ctx context.Context, action string, subject registry.Subject, do func(ctx context.Context) (map[string]any, error)) error {
	r, closeLog, err := d.registry()
	if err != nil {
		return err
	}
	defer closeLog()
	return r.InTx(asCommand(ctx), func(ctx context.Context) error {
		facts, err := do(ctx)
		if err != nil {
			return err
		}
		return r.Note(ctx, action, subject, facts)
	})
}

// exporting appends the event of an export before its first byte is written:
// whoever cuts it off has what was written until then.
func (d *database) exporting(ctx context.Context, action, path string, facts map[string]any) error {
	if path == "" {
		path = auditStdout
	}
	return d.audited(ctx, action, registry.Subject{Type: "database", ID: path, Name: path}, func(context.Context) (map[string]any, error) { return facts, nil })
}
