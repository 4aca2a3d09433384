package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity"
)

// GroupsNamed implements identity.Groups.
func (s *Store) GroupsNamed(ctx context.Context, ids []string) ([]identity.Group, error) {
	return s.readGroups(ctx, s.named()+` ORDER BY id`, jsonKeys(ids, asItIs))
}

// GroupsToUse implements identity.Groups. It locks the rows as a new membership
// does that refers to them.
func (s *Store) GroupsToUse(ctx context.Context, ids []string) ([]identity.Group, error) {
	if s.tx(ctx) == nil {
		return nil, errors.New("groups that are to stay are read outside of a transaction")
	}
	return s.readGroups(ctx, s.named()+` ORDER BY id`+s.dialect.keep, jsonKeys(ids, asItIs))
}

func (s *Store) named() string {
	return `WHERE id IN (SELECT value ->> 0 FROM ` + s.elements(1) + ` AS e)`
}

// AllGroups implements identity.Groups.
func (s *Store) AllGroups(ctx context.Context) ([]identity.Group, error) {
	return s.readGroups(ctx, ` ORDER BY id`)
}

// readGroups reads groups, without Metadata. The rest of the statement says which.
func (s *Store) readGroups(ctx context.Context, rest string, args ...any) ([]identity.Group, error) {
	groups := []identity.Group{}
	read := permissionReader{lists: make(map[string][]string)}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var r groupRow
		var permissions sql.RawBytes
		err := rows.Scan(&r.ID, &r.Name, &r.Product, &permissions, &r.BuiltIn, &r.CreatedAt, &r.UpdatedAt, &r.Version)
		if err != nil {
			return err
		}
		if r.Permissions.v, err = read.permissions(permissions); err != nil {
			return fmt.Errorf("group %s: %w", r.ID, err)
		}
		groups = append(groups, r.group())
		return nil
	}, `SELECT id, name, product, permissions, built_in, created_at, updated_at, version FROM groups `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	return groups, nil
}

// permissionReader reads the permissions of many groups. They repeat the same
// few lists of actions, each of which is decoded once and then shared.
type permissionReader struct {
	lists map[string][]string        // by their JSON
	group map[string]json.RawMessage // of the group that was read last
}

// permissions decodes the JSON that a row holds, nothing if it is NULL.
func (p *permissionReader) permissions(text []byte) (map[string][]string, error) {
	if len(text) == 0 {
		return nil, nil
	}
	clear(p.group)
	if err := json.Unmarshal(text, &p.group); err != nil {
		return nil, err
	}
	permissions := make(map[string][]string, len(p.group))
	for resource, text := range p.group {
		list, err := p.list(text)
		if err != nil {
			return nil, err
		}
		permissions[resource] = list
	}
	return permissions, nil
}

func (p *permissionReader) list(text []byte) ([]string, error) {
	if list, known := p.lists[string(text)]; known {
		return list, nil
	}
	var list []string
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	list = slices.Clip(list)
	p.lists[string(text)] = list
	return list, nil
}
