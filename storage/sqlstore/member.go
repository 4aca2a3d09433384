package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

// AddMember implements identity.Groups.
func (s *Store) AddMember(ctx context.Context, groupID, userID string, at time.Time) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.userToChange(ctx, userID); err != nil {
			return err
		}
		entered, err := s.enter(ctx, groupID, userID)
		if err != nil {
			return err
		}
		if !entered {
			return errors.Conflict.On(map[string]string{"userId": "is a member already"})
		}
		return s.touchUser(ctx, userID, at)
	})
	if err != nil {
		return fmt.Errorf("add member: %w", err)
	}
	return nil
}

// RemoveMember implements identity.Groups.
func (s *Store) RemoveMember(ctx context.Context, groupID, userID string, at time.Time) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		_, err := s.userToChange(ctx, userID)
		if errors.Is(err, errors.UserNotFound) {
			return errors.MembershipNotFound
		}
		if err != nil {
			return err
		}
		left, err := s.leave(ctx, groupID, userID)
		if err != nil {
			return err
		}
		if !left {
			return errors.MembershipNotFound
		}
		return s.touchUser(ctx, userID, at)
	})
	if err != nil {
		return fmt.Errorf("remove member: %w", err)
	}
	return nil
}

// touchUser makes a new version of a user and announces it.
func (s *Store) touchUser(ctx context.Context, id string, at time.Time) error {
	if _, err := s.exec(ctx, `UPDATE users SET version = version + 1, updated_at = $2 WHERE id = $1`, id, stamp(at)); err != nil {
		return err
	}
	return s.announceUser(ctx, id, at)
}

// enter makes a user that is held a member; false: it is one.
func (s *Store) enter(ctx context.Context, groupID, userID string) (bool, error) {
	if !storable(groupID) {
		return false, errors.GroupNotFound
	}
	n, err := s.exec(ctx, `INSERT INTO memberships (user_id, group_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, userID, groupID)
	if errors.Is(err, errForeignKey) {
		return false, errors.GroupNotFound.Because(err)
	}
	if n == 1 {
		s.tx(ctx).ranks.add(1, placeIn(groupID, userID))
	}
	return n == 1, err
}

// leave ends a membership of a user that is held; false: there is none, or the
// group was deleted meanwhile.
func (s *Store) leave(ctx context.Context, groupID, userID string) (bool, error) {
	if !storable(groupID) {
		return false, nil
	}
	n, err := s.exec(ctx, `DELETE FROM memberships WHERE user_id = $1 AND group_id = $2`, userID, groupID)
	if n == 1 {
		s.tx(ctx).ranks.add(-1, placeIn(groupID, userID))
	}
	return n == 1, err
}

// Members implements identity.Groups.
func (s *Store) Members(ctx context.Context, groupIDs []string, most int) (map[string]identity.Members, error) {
	members := make(map[string]identity.Members, len(groupIDs))
	err := s.each(ctx, func(rows *sql.Rows) error {
		var group string
		var usernames, applications column[[]string]
		var count int
		if err := rows.Scan(&group, &usernames, &count, &applications); err != nil {
			return err
		}
		if count > 0 || len(applications.v) > 0 {
			members[group] = identity.Members{Usernames: usernames.v, Count: count, Applications: applications.v}
		}
		return nil
	}, `SELECT wanted.id,
			(SELECT `+s.dialect.array+`(first.username) FROM (
				SELECT users.username FROM memberships JOIN users ON users.id = memberships.user_id
				WHERE memberships.group_id = wanted.id ORDER BY memberships.user_id LIMIT $2) AS first),
			(SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM ranks WHERE list = '`+memberList+`' || wanted.id),
			(SELECT `+s.dialect.array+`(first.client_id) FROM (
				SELECT applications.client_id FROM application_memberships JOIN applications ON applications.id = application_memberships.application_id
				WHERE application_memberships.group_id = wanted.id ORDER BY application_memberships.application_id LIMIT $2) AS first)
		FROM (SELECT value ->> 0 AS id FROM `+s.elements(1)+` AS e) AS wanted`,
		jsonKeys(groupIDs, func(id string) string { return id }), most)
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	return members, nil
}
