package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// kind is what commands know of users, groups, applications or products. What
// differs between them is here, what all of them can do is below.
type kind[T any] struct {
	noun   string
	in     func(administration) collection[T]
	head   []string // of a table
	row    func(T) []string
	fields func(T) []field // of one alone
	named  func(T) string  // as a question names it
}

// list makes cmd print a page of what a query finds.
func (k kind[T]) list(c *cli, cmd *cobra.Command, query *identity.UserQuery) *cobra.Command {
	cmd.Args = cobra.NoArgs
	return c.administer(cmd, func(ctx context.Context, a administration, _ []string) error {
		if err := checkQuery(*query); err != nil {
			return err
		}
		found, err := k.in(a).list(ctx, *query)
		if err != nil {
			return err
		}
		return printListing(c, found, k.head, k.row)
	})
}

// show makes cmd print one.
func (k kind[T]) show(c *cli, cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		id, err := k.in(a).find(ctx, args[0])
		if err != nil {
			return err
		}
		v, err := k.in(a).read(ctx, id)
		if err != nil {
			return err
		}
		return k.print(c, v)
	})
}

// create makes cmd create what its flags say of one that its arguments name.
func (k kind[T]) create(c *cli, cmd *cobra.Command, o *object, name string) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		body, err := o.build()
		if err != nil {
			return err
		}
		body[name] = args[0]
		v, err := k.in(a).create(ctx, body)
		if err != nil {
			return err
		}
		return k.print(c, v)
	})
}

// update makes cmd change what its flags say.
func (k kind[T]) update(c *cli, cmd *cobra.Command, o *object) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		body, err := o.build()
		if err != nil {
			return err
		}
		if len(body) == 0 {
			return misused("nothing is to change: give at least one flag of what is; %s --help lists them", cmd.CommandPath())
		}
		versions, err := ifVersion(cmd)
		if err != nil {
			return err
		}
		return k.printUpdated(ctx, c, a, args[0], body, versions)
	})
}

// set makes cmd change one thing, the same whatever the flags.
func (k kind[T]) set(c *cli, cmd *cobra.Command, member string, value any) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		return k.printUpdated(ctx, c, a, args[0], map[string]any{member: value}, nil)
	})
}

func (k kind[T]) printUpdated(ctx context.Context, c *cli, a administration, name string, body map[string]any, versions registry.Versions) error {
	id, err := k.in(a).find(ctx, name)
	if err != nil {
		return err
	}
	v, err := k.in(a).update(ctx, id, body, versions)
	if err != nil {
		return err
	}
	return k.print(c, v)
}

// remove makes cmd delete one, once somebody has said yes.
func (k kind[T]) remove(c *cli, cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	yes := cmd.Flags().Bool("yes", false, "do not ask whether it is meant")
	return c.administer(cmd, func(ctx context.Context, a administration, args []string) error {
		versions, err := ifVersion(cmd)
		if err != nil {
			return err
		}
		if !*yes && !terminal(c.stdin) {
			return misused("there is no terminal to ask whether %s %s is really to be deleted: say --yes", k.noun, strconv.Quote(args[0]))
		}
		id, err := k.in(a).find(ctx, args[0])
		if err != nil {
			return err
		}
		if !*yes {
			if err := k.confirm(ctx, c, a, id); err != nil {
				return err
			}
		}
		if err := k.in(a).remove(ctx, id, versions); err != nil {
			return err
		}
		return c.say("%s %s is deleted", k.noun, args[0])
	})
}

// confirm asks whether one is really to be deleted.
func (k kind[T]) confirm(ctx context.Context, c *cli, a administration, id string) error {
	v, err := k.in(a).read(ctx, id)
	if err != nil {
		return err
	}
	return c.confirm(fmt.Sprintf("Delete %s %s for good?", k.noun, k.named(v.value)))
}

// print prints one in its present version, and what was made for it just now.
func (k kind[T]) print(c *cli, v versioned[T], made ...field) error {
	if !c.json {
		fields := k.fields(v.value)
		if v.version > 0 {
			fields = append(fields, field{"version", strconv.FormatInt(v.version, 10)})
		}
		return c.printFields(nil, append(fields, made...)...)
	}
	more := map[string]any{}
	if v.version > 0 {
		more["version"] = v.version
	}
	for _, f := range made {
		if f.value != "" {
			more[f.name] = f.value
		}
	}
	extended, err := extend(v.value, more)
	if err != nil {
		return err
	}
	return c.printJSON(extended)
}

// extend is an object in JSON with more members behind its own.
func extend(v any, more map[string]any) (json.RawMessage, error) {
	text, err := plainJSON(v)
	if err != nil || len(more) == 0 {
		return text, err
	}
	behind, err := plainJSON(more)
	if err != nil {
		return nil, err
	}
	return append(append(text[:len(text)-1], ','), behind[1:]...), nil
}

// plainJSON is a value in JSON that is not made fit for HTML.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// say prints what was done, unless it is JSON that is wanted: the API answers
// with nothing there.
func (c *cli) say(format string, values ...any) error {
	if c.json {
		return nil
	}
	_, err := fmt.Fprintf(c.stdout, format+"\n", values...)
	return err
}
