package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/identity"
)

// mostEntries is the most entries of a page, as in the API.
const mostEntries = 100

// listing is a page of a list, as --json prints it and the API answers.
type listing[T any] struct {
	Items []T `json:"items"`
	Page  int `json:"page"`
	Limit int `json:"limit"`
	Total int `json:"total"`
}

// pageFlags gives a command the flags that choose a page of a list.
func pageFlags(cmd *cobra.Command, page *identity.Page) {
	cmd.Flags().IntVar(&page.Number, "page", 1, "which page, from 1")
	cmd.Flags().IntVar(&page.Limit, "limit", mostEntries, fmt.Sprintf("entries on a page, up to %d", mostEntries))
}

// checkQuery says what is wrong with a list that was asked for.
func checkQuery(q identity.UserQuery) error {
	if q.Number < 1 || q.Limit < 1 || q.Limit > mostEntries {
		return misused("--page must be at least 1, and --limit between 1 and %d", mostEntries)
	}
	if q.Sort != "" && !slices.Contains(identity.UserOrders, strings.TrimPrefix(q.Sort, "-")) {
		return misused("--sort must be one of %s, with a - in front for the other direction", strings.Join(identity.UserOrders, ", "))
	}
	if q.Group != "" {
		if _, err := groupID(q.Group); err != nil {
			return usageError{err}
		}
	}
	return nil
}

// printListing prints a page of a list.
func printListing[T any](c *cli, page listing[T], head []string, row func(T) []string) error {
	if err := c.print(page, head, mapped(page.Items, row)); err != nil || c.json {
		return err
	}
	if len(page.Items) < page.Total {
		_, err := fmt.Fprintf(c.stdout, "page %d, %d of %d\n", page.Page, len(page.Items), page.Total)
		return err
	}
	return nil
}
