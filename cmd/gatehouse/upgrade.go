package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/telemetry"
	"gatehouse/storage/sqlstore"
)

// groupsOfProducts is the migration from which on a group of a product, and a consent,
// lets nobody administer.
const groupsOfProducts = 11

// lost is a group or an application that administered before, and what mends it.
type lost struct {
	who  string // "group crm-editor-group"
	what string // it lost
	mend string // commands
}

func (l lost) String() string {
	return fmt.Sprintf("%s: %s. If it should administer: %s", l.who, l.what, l.mend)
}

// uncounted says that permissions for the identity API ("resource:action") of a
// product's group count no longer.
func uncounted(permissions []string, product string) string {
	return fmt.Sprintf("%s of product %s no longer counts for the identity API", strings.Join(permissions, " "), product)
}

// unspoken says what became of sign-ins on the pages, where the application may use
// the password grant and is not trusted.
const unspoken = "what users sign in to on the pages rests on their consent now, and no longer opens the identity API or all products"

// lostPower lists each group of a product that permits to use the identity API,
// and each application that acts in one and has not got as much by a membership.
// It reads a database before and after the migration, and changes nothing.
func (d *database) lostPower(ctx context.Context) ([]lost, error) {
	pending, err := d.pending(ctx)
	if err != nil {
		return nil, err
	}
	var groups []identity.Group
	var applications []identity.Application
	switch first := firstOf(pending); {
	case first == 0 || first > groupsOfProducts:
		if groups, err = d.store.AllGroups(ctx); err != nil {
			return nil, err
		}
		applications, _, err = d.store.Applications(ctx, everyApplication)
	case first < oldestRead:
		return nil, nil
	default:
		if groups, err = d.store.GroupsEarlier(ctx); err != nil {
			return nil, err
		}
		applications, err = d.store.ApplicationsEarlier(ctx)
	}
	if err != nil {
		return nil, err
	}
	products, err := d.store.Products(ctx)
	if err != nil {
		return nil, err
	}
	return losing(groups, applications, products), nil
}

// oldestRead is the first migration that may be pending in a database that is
// read: one before knows no trusted applications.
const oldestRead = 9

var everyApplication = identity.Page{Number: 1, Limit: 1 << 30}

// firstOf is the version of the first migration, or 0 if there is none.
func firstOf(pending []sqlstore.Migration) int64 {
	if len(pending) == 0 {
		return 0
	}
	return pending[0].Version
}

func losing(groups []identity.Group, applications []identity.Application, products []identity.Product) []lost {
	names := make([]string, len(products))
	for i, p := range products {
		names[i] = p.Name
	}
	policy := identity.NewPolicy(groups, names)
	var all []lost
	own := make(map[string][]string)
	for _, g := range groups {
		product, permissions := policy.Product(g.ID), g.OwnPermissions()
		if product == "" || len(permissions) == 0 {
			continue
		}
		own[g.ID] = permissions
		instead := strings.TrimSuffix(g.ID, "-group") + "-administrators"
		all = append(all, lost{"group " + g.ID, uncounted(permissions, product), makeGroup(instead, permissions) +
			", then for each user of gatehouse user list --group " + g.ID + " who should: gatehouse group add-member " + instead + " USER"})
	}
	for _, app := range applications {
		if app.Allows(identity.GrantPassword) && app.Allows(identity.GrantAuthorizationCode) && !app.Trusted && !app.BuiltIn {
			all = append(all, lost{"application " + app.ClientID, unspoken, "gatehouse application update " + app.ClientID + " --trusted"})
		}
		permissions := slices.DeleteFunc(slices.Clone(own[identity.EditorGroup(app.Name)]), func(p string) bool {
			resource, action, _ := strings.Cut(p, ":")
			return policy.Administers(app.Groups, resource, action).Allowed
		})
		if len(permissions) == 0 {
			continue
		}
		instead := app.Name + "-machines"
		all = append(all, lost{
			"application " + app.ClientID, uncounted(permissions, app.Name),
			makeGroup(instead, permissions) + ", then gatehouse group add-application " + instead + " " + app.ClientID,
		})
	}
	return all
}

// makeGroup is the command that creates a group with permissions.
func makeGroup(id string, permissions []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "gatehouse group create %s --name %s", id, id)
	for len(permissions) > 0 {
		resource, _, _ := strings.Cut(permissions[0], ":")
		var actions []string
		for len(permissions) > 0 && strings.HasPrefix(permissions[0], resource+":") {
			actions = append(actions, strings.TrimPrefix(permissions[0], resource+":"))
			permissions = permissions[1:]
		}
		fmt.Fprintf(&b, " --permission '%s:%s'", resource, strings.Join(actions, ","))
	}
	return b.String()
}

// checkPower lists, for config --check, who administers no longer. The check must
// do without a database, which may not be there yet or be out of reach.
func (c *cli) checkPower(ctx context.Context, cfg *loaded) {
	if path := cfg.sqlitePath(); path != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	all, err := c.readPower(ctx, cfg)
	if err != nil {
		fmt.Fprintf(c.stderr, "warning: the database could not be read, so it is not known whose permissions for the identity API no longer count: %v\n", err)
	}
	for _, one := range all {
		fmt.Fprintf(c.stderr, "warning: %s\n", one)
	}
}

func (c *cli) readPower(ctx context.Context, cfg *loaded) (all []lost, err error) {
	log, err := telemetry.NewLogger(c.stderr, cfg.LogFormat, max(cfg.LogLevel, slog.LevelWarn))
	if err != nil {
		return nil, err
	}
	d, err := openDatabase(ctx, cfg, log, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.store.Close()) }()
	return d.lostPower(ctx)
}

// migrate brings the database up to date, and calls tell with each group and
// application that administered until now.
func (d *database) migrate(ctx context.Context, tell func(lost)) error {
	pending, err := d.pending(ctx)
	if err != nil {
		return err
	}
	if err := d.store.Migrate(ctx); err != nil {
		return err
	}
	first := firstOf(pending)
	if !slices.ContainsFunc(pending, func(m sqlstore.Migration) bool { return m.Version == groupsOfProducts }) || first < oldestRead {
		return nil
	}
	all, err := d.lostPower(ctx)
	for _, one := range all {
		tell(one)
	}
	return err
}

// warnOf logs who administers no longer.
func warnOf(ctx context.Context, log *slog.Logger) func(lost) {
	return func(l lost) {
		log.WarnContext(ctx, "no longer opens the identity API", slog.String("who", l.who), slog.String("what", l.what), slog.String("mend", l.mend))
	}
}
