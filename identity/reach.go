package identity

import "slices"

// OfProducts returns those of the groups that belong to one of the products.
func (p *Policy) OfProducts(groupIDs, products []string) []string {
	var of []string
	for _, id := range groupIDs {
		if g, known := p.groups[id]; known && g.product != "" && slices.Contains(products, g.product) {
			of = append(of, id)
		}
	}
	return of
}
