package sqlstore

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"gatehouse/errors"
)

// AddApplicationMember implements identity.Applications.
func (s *Store) AddApplicationMember(ctx context.Context, groupID, applicationID string, at time.Time) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		found, err := s.touchApplication(ctx, applicationID, at)
		if err != nil {
			return err
		}
		if !found {
			return errors.ApplicationNotFound
		}
		entered, err := s.enterApplication(ctx, groupID, applicationID)
		if err == nil && !entered {
			err = errors.Conflict.On(map[string]string{"applicationId": "is a member already"})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("add application to group: %w", err)
	}
	return nil
}

// RemoveApplicationMember implements identity.Applications.
func (s *Store) RemoveApplicationMember(ctx context.Context, groupID, applicationID string, at time.Time) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		found, err := s.touchApplication(ctx, applicationID, at)
		if err != nil {
			return err
		}
		if !found || !storable(groupID) {
			return errors.MembershipNotFound
		}
		n, err := s.exec(ctx, `DELETE FROM application_memberships WHERE application_id = $1 AND group_id = $2`, applicationID, groupID)
		if err == nil && n == 0 {
			err = errors.MembershipNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove application from group: %w", err)
	}
	return nil
}

// touchApplication makes a new version of an application and announces it; false:
// there is none. Until the transaction ends nobody else changes it.
func (s *Store) touchApplication(ctx context.Context, id string, at time.Time) (bool, error) {
	return s.changeApplication(ctx, id, at, func(db *gorm.DB) *gorm.DB {
		return db.UpdateColumns(map[string]any{"version": gorm.Expr("version + 1"), "updated_at": stamp(at)})
	})
}

// enterApplication makes an application a member; false: it is one.
func (s *Store) enterApplication(ctx context.Context, groupID, applicationID string) (bool, error) {
	if !storable(groupID) {
		return false, errors.GroupNotFound
	}
	n, err := s.exec(ctx, `INSERT INTO application_memberships (application_id, group_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		applicationID, groupID)
	if errors.Is(err, errForeignKey) {
		return false, errors.GroupNotFound.Because(err)
	}
	return n == 1, err
}
