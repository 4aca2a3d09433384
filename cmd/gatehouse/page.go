package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/identity"
)

// pageFlags gives a command the flags that choose a page of a list.
func (c *cli) pageFlags(cmd *cobra.Command, page *identity.Page) {
	cmd.Flags().IntVar(&page.Number, "page", page.Number, "which page, from 1")
	cmd.Flags().IntVar(&page.Limit, "limit", page.Limit, "entries on a page, up to 1000")
}

// pageView is a page of a list as --json prints it.
type pageView struct {
	Items any `json:"items"`
	Page  int `json:"page"`
	Limit int `json:"limit"`
	Total int `json:"total"`
}

// printPage prints a page of a list.
func (c *cli) printPage(page identity.Page, total int, views any, head []string, rows [][]string) error {
	if err := c.print(pageView{views, page.Number, page.Limit, total}, head, rows); err != nil || c.json {
		return err
	}
	if len(rows) < total {
		_, err := fmt.Fprintf(c.stdout, "page %d, %d of %d\n", page.Number, len(rows), total)
		return err
	}
	return nil
}

// checkPage says what is wrong with the page that was asked for.
func checkPage(page identity.Page) error {
	if page.Number < 1 || page.Limit < 1 || page.Limit > mostEntries {
		return misused("--page must be at least 1, and --limit between 1 and %d", mostEntries)
	}
	return nil
}

// mostEntries is the most entries of a list that are printed at once.
const mostEntries = 1000
