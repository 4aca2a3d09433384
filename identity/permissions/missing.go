package permissions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Considered are the subject's groups that count for the question, those that
// there are: the answer is by their permissions and no others.
func (a Answer) Considered() []string {
	return slices.DeleteFunc(slices.Clone(a.Subject.Groups), func(id string) bool {
		return !a.policy.Knows(id) || a.Question.Product != "" && a.policy.Product(id) != a.Question.Product
	})
}

// Missing says in a sentence what the subject lacks, or "" if it lacks nothing.
func (a Answer) Missing() string {
	if a.Allowed {
		return ""
	}
	permission := strconv.Quote(a.Question.Resource + ":" + a.Question.Action)
	product := strconv.Quote(a.Question.Product)
	switch {
	case a.Subject.Disabled:
		return fmt.Sprintf("the %s is disabled", a.Subject.Kind)
	case a.Question.Product != "" && !a.policy.KnowsProduct(a.Question.Product):
		return fmt.Sprintf("there is no product %s", product)
	case a.Subject.Kind == Role && len(a.Subject.Groups) == 0:
		return "an application has the role of its own product's editors and no other"
	case len(a.Considered()) > 0:
		return fmt.Sprintf("none of its groups permits %s: %s", permission, few(a.Considered()))
	case a.Question.Product != "" && len(a.Subject.Groups) > 0:
		return fmt.Sprintf("it is in no group of the product %s", product)
	case len(a.Subject.Groups) > 0:
		return fmt.Sprintf("there is no group %s", few(a.Subject.Groups))
	default:
		return "it is in no group"
	}
}

// few are the first of a list.
func few(ids []string) string {
	const most = 20
	if len(ids) <= most {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
}
