package main

import (
	"context"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/identity/wire"
)

func newProduct(c *cli) *cobra.Command {
	return group(&cobra.Command{
		Use:   "product",
		Short: "Register products, which applications belong to",
		Long: `Registers products and manages them, in the database or, with --server, over the
API of a running server. A product is a service, or a family of them: applications
belong to one, and the groups of a product carry its name in front.

A product is named by its name.`,
		Example: `  gatehouse product create billing --description "Invoices and payments"
  gatehouse product list`,
	}, newProductCreate(c), newProductList(c), newProductShow(c), newProductUpdate(c), newProductDelete(c))
}

func productKind() kind[wire.Product] {
	return kind[wire.Product]{
		noun: "product",
		in:   administration.products,
		head: []string{"NAME", "DESCRIPTION", "TYPE"},
		row:  func(p wire.Product) []string { return []string{p.Name, p.Description, builtIn(p.BuiltIn)} },
		fields: func(p wire.Product) []field {
			return []field{
				{"name", p.Name}, {"description", p.Description}, {"type", builtIn(p.BuiltIn)}, {"created", timestamp(p.CreatedAt)},
			}
		},
		named: func(p wire.Product) string { return p.Name },
	}
}

func newProductCreate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Register a product",
		Long:    "Registers a product. Its name never changes: words of a-z and 0-9 with - between them.",
		Example: `  gatehouse product create billing --description "Invoices and payments"`,
	}
	o := &object{cmd: cmd}
	o.text("description", "description", "`TEXT` for people")
	return productKind().create(c, cmd, o, "name")
}

func newProductList(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List products",
		Long:  "Lists all products by name, those that are built in among them.",
		Example: `  gatehouse product list
  gatehouse product list --json`,
		Args: cobra.NoArgs,
	}
	return c.administer(cmd, func(ctx context.Context, a administration, _ []string) error {
		all, err := a.products().list(ctx, identity.UserQuery{})
		if err != nil {
			return err
		}
		return c.print(all.Items, productKind().head, mapped(all.Items, productKind().row))
	})
}

func newProductShow(c *cli) *cobra.Command {
	return productKind().show(c, &cobra.Command{
		Use:   "show PRODUCT",
		Short: "Show a product",
		Long:  "Shows a product and what it is described as.",
		Example: `  gatehouse product show billing
  gatehouse product show billing --json`,
	})
}

func newProductUpdate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "update PRODUCT",
		Short:   "Change a product's description",
		Long:    "Changes the description of a product; its name never changes.",
		Example: `  gatehouse product update billing --description Invoices`,
	}
	o := &object{cmd: cmd}
	o.text("description", "description", "`TEXT` for people")
	return productKind().update(c, cmd, o)
}

func newProductDelete(c *cli) *cobra.Command {
	return productKind().remove(c, &cobra.Command{
		Use:   "delete PRODUCT",
		Short: "Delete a product",
		Long: `Deletes a product that no application belongs to any more. It asks first, and
without a terminal to ask at it needs --yes.`,
		Example: `  gatehouse product delete billing
  gatehouse product delete billing --yes`,
	})
}
