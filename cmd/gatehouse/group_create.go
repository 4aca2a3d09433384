package main

import "github.com/spf13/cobra"

func newGroupCreate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create ID",
		Short: "Create a group",
		Long: `Creates a group. Its id never changes: words of a-z and 0-9 with - between them.
Permissions for what Gatehouse itself guards, such as users:get, let its members
administer if it belongs to no product. A group whose id is the exact name of a
product's group, such as midaz-editor-group, always belongs to that product.`,
		Example: `  gatehouse group create clerks --name Clerks --permission invoices:get,post --permission customers:get
  gatehouse group create midaz-auditors --name Auditors --product midaz --permission ledgers:get
  gatehouse group create helpdesk --name Helpdesk --permission users:get --permission reset-password:patch`,
	}
	o := &object{cmd: cmd}
	groupFlags(o)
	return groupKind().create(c, cmd, o, "id")
}

func newGroupUpdate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "update GROUP",
		Short: "Change a group",
		Long: `Changes of a group what flags are given for. --permission replaces all the
permissions that it gives, --metadata all there is. A built-in group keeps its
permissions.`,
		Example: `  gatehouse group update clerks --name "Billing clerks"
  gatehouse group update clerks --permission invoices:get,post,patch --if-version 2`,
	}
	o := &object{cmd: cmd}
	groupFlags(o)
	versionFlag(cmd)
	return groupKind().update(c, cmd, o)
}

// groupFlags are the flags for what can be said of a group at any time.
func groupFlags(o *object) {
	o.text("name", "name", "`NAME` that people read")
	o.text("product", "product", "`PRODUCT` that it belongs to, \"\" for none")
	o.permissions()
	o.metadata()
}
