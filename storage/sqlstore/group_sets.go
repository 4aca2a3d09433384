package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"gatehouse/identity"
)

// GroupSets implements identity.Groups. Each user's groups become one text, in
// order, by which the users are put together.
func (s *Store) GroupSets(ctx context.Context, groupIDs []string, most int) ([]identity.GroupSet, error) {
	sets := []identity.GroupSet{}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var groups, usernames column[[]string]
		var count int
		if err := rows.Scan(&groups, &usernames, &count); err != nil {
			return err
		}
		sets = append(sets, identity.GroupSet{
			Groups: groups.v, Users: identity.Members{Usernames: usernames.v, Count: count},
		})
		return nil
	}, `SELECT held, `+s.dialect.array+`(username ORDER BY place) FILTER (WHERE place <= $2), count(*)
		FROM (
			SELECT member.held, users.username, row_number() OVER (PARTITION BY member.held ORDER BY users.id) AS place
			FROM (
				SELECT user_id, CAST(`+s.dialect.array+`(group_id ORDER BY group_id) AS TEXT) AS held FROM memberships
				WHERE user_id IN (SELECT user_id FROM memberships
					WHERE group_id IN (SELECT value ->> 0 FROM `+s.elements(1)+` AS e))
				GROUP BY user_id
			) AS member JOIN users ON users.id = member.user_id WHERE NOT users.disabled
		) AS placed
		GROUP BY held`, jsonKeys(groupIDs, asItIs), most)
	if err != nil {
		return nil, fmt.Errorf("read sets of groups: %w", err)
	}
	slices.SortFunc(sets, func(a, b identity.GroupSet) int { return slices.Compare(a.Groups, b.Groups) })
	return sets, nil
}
