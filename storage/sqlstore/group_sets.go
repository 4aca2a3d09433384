package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"gatehouse/identity"
)

// GroupSets implements identity.Groups. The groups of each user become one
// value, in order, by which the users are put together.
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
	}, `SELECT `+fmt.Sprintf(s.dialect.setArray, "held")+`, `+s.dialect.array+`(username ORDER BY place) FILTER (WHERE place <= $2), count(*)
		FROM (
			SELECT held, username, row_number() OVER (PARTITION BY held ORDER BY id) AS place
			FROM (
				SELECT user_id, `+s.dialect.set+`(group_id ORDER BY group_id) AS held FROM memberships
				WHERE user_id IN (SELECT user_id FROM memberships WHERE group_id `+fmt.Sprintf(s.dialect.amongFew, 1)+`)
				GROUP BY user_id
			) AS member JOIN users ON users.id = member.user_id WHERE NOT disabled
		) AS placed
		GROUP BY held`, jsonKeys(groupIDs, asItIs), most)
	if err != nil {
		return nil, fmt.Errorf("read sets of groups: %w", err)
	}
	slices.SortFunc(sets, func(a, b identity.GroupSet) int { return slices.Compare(a.Groups, b.Groups) })
	return sets, nil
}
