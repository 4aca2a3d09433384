package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func newUser(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:   "user",
		Short: "Create users and manage them",
		Long: `Creates users and manages them, straight in the database: it needs the server's
configuration, not a running server. A running server sees each change within a
second.

A user is named by username or id.`,
		Example: `  gatehouse user create ada --email ada@example.com --group admin-group
  gatehouse user list
  gatehouse user disable ada`,
	}, newUserCreate(c), newUserList(c), newUserDisable(c), newUserEnable(c), newUserResetPassword(c))
}

// userView is a user as --json prints it.
type userView struct {
	ID        string   `json:"id"`
	Username  string   `json:"username"`
	Email     string   `json:"email"`
	FirstName string   `json:"firstName"`
	LastName  string   `json:"lastName"`
	Groups    []string `json:"groups"`
	Disabled  bool     `json:"disabled"`
	CreatedAt string   `json:"createdAt"`
	Password  string   `json:"password,omitempty"` // one that was generated just now
}

func viewUser(u identity.User) userView {
	return userView{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Groups: append([]string{}, u.Groups...), Disabled: u.Disabled, CreatedAt: timestamp(u.CreatedAt),
	}
}

func newUserList(c *cli) *cobra.Command {
	page := identity.Page{Number: 1, Limit: 100}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List users, oldest first",
		Long:  "Lists users, those created first at the top, a page at a time.",
		Example: `  gatehouse user list
  gatehouse user list --page 2 --limit 1000 --json`,
		Args: cobra.NoArgs,
		RunE: c.withStore(func(ctx context.Context, d *database, _ []string) error {
			if err := checkPage(page); err != nil {
				return err
			}
			users, total, err := d.store.Users(ctx, identity.UserQuery{Page: page})
			if err != nil {
				return err
			}
			views := make([]userView, len(users))
			rows := make([][]string, len(users))
			for i, u := range users {
				views[i] = viewUser(u)
				rows[i] = []string{u.Username, u.Email, u.FullName(), strings.Join(u.Groups, ","), state(u.Disabled), u.ID}
			}
			return c.printPage(page, total, views, []string{"USERNAME", "E-MAIL", "NAME", "GROUPS", "STATE", "ID"}, rows)
		}),
	}
	c.pageFlags(cmd, &page)
	c.storeFlags(cmd)
	return cmd
}

func newUserDisable(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "disable USER",
		Short: "Keep a user out, and end all their sessions",
		Long: `Disables a user: they can no longer sign in, and all their sessions and tokens
are dead at once. The last enabled member of admin-group cannot be disabled.`,
		Example: `  gatehouse user disable ada`,
		Args:    cobra.ExactArgs(1),
		RunE: c.withStore(func(ctx context.Context, d *database, args []string) error {
			user, err := d.user(ctx, args[0])
			if err != nil {
				return err
			}
			if err := d.notLastAdmin(ctx, user); err != nil {
				return err
			}
			now := d.now()
			err = d.store.InTx(ctx, func(ctx context.Context) error {
				user.Disabled, user.UpdatedAt, user.Version = true, now, user.Version+1
				if err := d.store.UpdateUser(ctx, user); err != nil {
					return err
				}
				return d.endSessions(ctx, user.ID, now)
			})
			if err != nil {
				return err
			}
			return c.printUser(user, "")
		}),
	}
	c.storeFlags(cmd)
	return cmd
}

func newUserEnable(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "enable USER",
		Short:   "Let a disabled user in again",
		Long:    "Enables a user that was disabled. Sessions from before stay ended.",
		Example: `  gatehouse user enable ada`,
		Args:    cobra.ExactArgs(1),
		RunE: c.withStore(func(ctx context.Context, d *database, args []string) error {
			user, err := d.user(ctx, args[0])
			if err != nil {
				return err
			}
			user.Disabled, user.UpdatedAt, user.Version = false, d.now(), user.Version+1
			if err := d.store.UpdateUser(ctx, user); err != nil {
				return err
			}
			return c.printUser(user, "")
		}),
	}
	c.storeFlags(cmd)
	return cmd
}

// printUser prints one user, and the password that was generated for it if one was.
func (c *cli) printUser(u identity.User, generated string) error {
	view := viewUser(u)
	view.Password = generated
	return c.printFields(view,
		field{"username", u.Username}, field{"e-mail", u.Email}, field{"name", u.FullName()},
		field{"groups", strings.Join(u.Groups, ",")}, field{"state", state(u.Disabled)}, field{"id", u.ID},
		field{"password", generated})
}

// user finds a user by id or username.
func (d *database) user(ctx context.Context, name string) (identity.User, error) {
	find := d.store.UserByUsername
	if uuid.Validate(name) == nil {
		find = d.store.User
	}
	user, err := find(ctx, name)
	if errors.Is(err, errors.UserNotFound) {
		return user, errors.New("there is no user " + strconv.Quote(name))
	}
	return user, err
}

// endSessions ends a user's sessions, and with them all tokens.
func (d *database) endSessions(ctx context.Context, userID string, now time.Time) error {
	return d.store.EndUserSessions(ctx, userID, "", now, now.Add(storage.MaxAccessLifetime))
}

// notLastAdmin refuses when nobody else could administer the server.
func (d *database) notLastAdmin(ctx context.Context, user identity.User) error {
	if !enabledAdmin(user) {
		return nil
	}
	for page, seen := (identity.Page{Number: 1, Limit: 1000}), 0; ; page.Number++ {
		users, total, err := d.store.Users(ctx, identity.UserQuery{Page: page})
		if err != nil {
			return err
		}
		for _, other := range users {
			if other.ID != user.ID && enabledAdmin(other) {
				return nil
			}
		}
		if seen += len(users); seen >= total || len(users) == 0 {
			return errors.New(user.Username + " is the last enabled member of " + identity.AdminGroup)
		}
	}
}

func enabledAdmin(u identity.User) bool {
	return !u.Disabled && slices.Contains(u.Groups, identity.AdminGroup)
}
