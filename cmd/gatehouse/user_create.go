package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newUserCreate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create USERNAME",
		Short: "Create a user",
		Long: `Creates a user, who has an e-mail address, a first and a last name, and at least
one group. The password is read from standard input with --password-stdin and
has to follow the password rules; without, one is generated and printed, this
once.`,
		Example: `  gatehouse user create ada --email ada@example.com --first-name Ada --last-name Lovelace --group clerks
  gatehouse user create ada --email ada@example.com --first-name Ada --last-name Lovelace --group admin-group \
    --password-stdin <password.txt`,
		Args: cobra.ExactArgs(1),
	}
	o := &object{cmd: cmd}
	userFlags(o)
	fromStdin := passwordFlag(cmd)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		body, err := o.build()
		if err != nil {
			return err
		}
		password, generated, err := c.newPassword(*fromStdin)
		if err != nil {
			return err
		}
		body["username"], body["password"] = args[0], password
		v, err := a.users().create(ctx, body)
		if err != nil {
			return err
		}
		return userKind().print(c, v, field{"password", generated})
	})
}

func newUserUpdate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "update USER",
		Short: "Change a user",
		Long: `Changes of a user what flags are given for. --group replaces all the groups that
they are in ("gatehouse group add-member" adds one), --metadata all there is.
Passwords are changed by reset-password, and the username never changes.`,
		Example: `  gatehouse user update ada --email ada@lovelace.example
  gatehouse user update ada --group clerks,auditors --if-version 3`,
	}
	o := &object{cmd: cmd}
	userFlags(o)
	versionFlag(cmd)
	return userKind().update(c, cmd, o)
}

// userFlags are the flags for what can be said of a user at any time.
func userFlags(o *object) {
	o.text("email", "email", "e-mail `ADDRESS`")
	o.text("first-name", "firstName", "first `NAME`")
	o.text("last-name", "lastName", "last `NAME`")
	o.words("group", "groups", "`ID` of a group to be in, which exists")
	o.metadata()
}
