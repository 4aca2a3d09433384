package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"gatehouse/identity"
)

// GroupsEarlier is AllGroups for a database that migration 0011 has not been
// applied to, each group with the product that the migration writes down.
func (s *Store) GroupsEarlier(ctx context.Context) ([]identity.Group, error) {
	var groups []identity.Group
	read := permissionReader{lists: make(map[string][]string)}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var g identity.Group
		var permissions sql.RawBytes
		if err := rows.Scan(&g.ID, &g.Name, &g.BuiltIn, &permissions, &g.Product); err != nil {
			return err
		}
		var err error
		g.Permissions, err = read.permissions(permissions)
		groups = append(groups, g)
		return err
	}, `SELECT id, name, built_in, permissions, CASE WHEN built_in THEN '' ELSE coalesce((
			SELECT name FROM products
			WHERE substr(groups.id, 1, length(products.name) + 1) = products.name || '-'
			ORDER BY groups.id IN (products.name || '-viewer-group', products.name || '-contributor-group', products.name || '-editor-group') DESC,
				length(products.name) DESC
			LIMIT 1), '') END
		FROM groups ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	return groups, nil
}

// ApplicationsEarlier is all applications of such a database, of each what it is
// called, its product, and who signs in to it how.
func (s *Store) ApplicationsEarlier(ctx context.Context) ([]identity.Application, error) {
	var applications []identity.Application
	err := s.each(ctx, func(rows *sql.Rows) error {
		var a identity.Application
		var grants column[[]string]
		err := rows.Scan(&a.ID, &a.ClientID, &a.Name, &a.Disabled, &a.Trusted, &a.BuiltIn, &grants)
		a.GrantTypes = grants.v
		applications = append(applications, a)
		return err
	}, `SELECT id, client_id, name, disabled, trusted, built_in, grant_types FROM applications ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read applications: %w", err)
	}
	return applications, nil
}
