package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"
	"unicode/utf8"

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

// Members implements identity.Groups. Those created first are up to the one
// that comes after so many.
func (s *Store) Members(ctx context.Context, groupIDs []string, most int) (map[string]identity.Members, error) {
	members := make(map[string]identity.Members, len(groupIDs))
	ids := jsonKeys(groupIDs, func(id string) string { return id })
	err := s.each(ctx, func(rows *sql.Rows) error {
		var group, username string
		if err := rows.Scan(&group, &username); err != nil {
			return err
		}
		m := members[group]
		m.Usernames = append(m.Usernames, username)
		members[group] = m
		return nil
	}, `SELECT wanted.id, users.username
		FROM (SELECT value ->> 0 AS id, (SELECT user_id FROM memberships
				WHERE group_id = value ->> 0 ORDER BY user_id LIMIT 1 OFFSET $2) AS bound
			FROM `+s.elements(1)+` AS e) AS wanted
		JOIN memberships ON memberships.group_id = wanted.id AND memberships.user_id < coalesce(wanted.bound, $3)
		JOIN users ON users.id = memberships.user_id
		ORDER BY wanted.id, users.id`, ids, most, string(utf8.MaxRune))
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	err = s.each(ctx, func(rows *sql.Rows) error {
		var group string
		var count int
		if err := rows.Scan(&group, &count); err != nil {
			return err
		}
		m := members[group]
		m.Count = count
		members[group] = m
		return nil
	}, `SELECT wanted.id, CAST(sum(ranks.n) AS BIGINT)
		FROM (SELECT value ->> 0 AS id FROM `+s.elements(1)+` AS e) AS wanted
		JOIN ranks ON ranks.list = '`+memberList+`' || wanted.id
		GROUP BY wanted.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("count members: %w", err)
	}
	return members, nil
}
