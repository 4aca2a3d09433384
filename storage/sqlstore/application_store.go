package sqlstore

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// applicationFields says which field clashes when an index refuses an application.
var applicationFields = map[string]string{
	"applications_pkey": "id", "applications.id": "id",
	"applications_client_id": "clientId", "applications.client_id": "clientId",
}

// CreateApplication implements identity.Applications.
func (s *Store) CreateApplication(ctx context.Context, app identity.Application) error {
	row := newApplicationRow(app)
	err := s.InTx(ctx, func(ctx context.Context) error {
		err := s.db(ctx).Create(&row).Error
		if errors.Is(err, errForeignKey) {
			return errors.InvalidApplicationName.On(map[string]string{"name": "is not a product"}).Because(err)
		}
		if err != nil {
			return conflict(err, applicationFields)
		}
		for _, groupID := range app.Groups {
			if _, err := s.enterApplication(ctx, groupID, app.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("create application: %w", err)
	}
	return nil
}

// selectApplication reads applications with the groups that they are members of.
func (s *Store) selectApplication(ctx context.Context) *gorm.DB {
	return s.db(ctx).Select("applications.*, (SELECT " + s.dialect.array +
		"(group_id) FROM application_memberships WHERE application_id = applications.id) AS groups")
}

// Application implements identity.Applications.
func (s *Store) Application(ctx context.Context, id string) (identity.Application, error) {
	return s.applicationWhere(ctx, "id = ?", id)
}

// ApplicationByClientID implements identity.Applications.
func (s *Store) ApplicationByClientID(ctx context.Context, clientID string) (identity.Application, error) {
	return s.applicationWhere(ctx, "client_id = ?", clientID)
}

func (s *Store) applicationWhere(ctx context.Context, condition, value string) (identity.Application, error) {
	if !storable(value) {
		return identity.Application{}, errors.ApplicationNotFound
	}
	var row applicationRow
	err := s.selectApplication(ctx).Where(condition, value).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return identity.Application{}, errors.ApplicationNotFound
	}
	if err != nil {
		return identity.Application{}, fmt.Errorf("read application: %w", err)
	}
	return row.application(), nil
}

// ApplicationToChange implements identity.Applications.
func (s *Store) ApplicationToChange(ctx context.Context, id string) (identity.Application, error) {
	if err := s.hold(ctx, "applications", id); err != nil {
		return identity.Application{}, fmt.Errorf("read application to change: %w", err)
	}
	return s.Application(ctx, id)
}

// Applications implements identity.Applications. The ids are in order of creation.
func (s *Store) Applications(ctx context.Context, page identity.Page) ([]identity.Application, int, error) {
	var rows []applicationRow
	total, err := s.page(ctx, page, s.selectApplication(ctx), &rows)
	if err != nil {
		return nil, 0, fmt.Errorf("list applications: %w", err)
	}
	apps := make([]identity.Application, len(rows))
	for i := range rows {
		apps[i] = rows[i].application()
	}
	return apps, total, nil
}

// UpdateApplication implements identity.Applications.
func (s *Store) UpdateApplication(ctx context.Context, app identity.Application) error {
	row := newApplicationRow(app)
	found, err := s.changeApplication(ctx, app.ID, app.UpdatedAt, func(db *gorm.DB) *gorm.DB {
		return db.Select("*").Omit("id", "client_id", "name", "built_in", "created_at").UpdateColumns(row)
	})
	if err != nil {
		return fmt.Errorf("change application: %w", err)
	}
	if !found {
		return errors.ApplicationNotFound
	}
	return nil
}

// DeleteApplication implements identity.Applications.
func (s *Store) DeleteApplication(ctx context.Context, id string, at time.Time) error {
	found, err := s.changeApplication(ctx, id, at, func(db *gorm.DB) *gorm.DB {
		return db.Delete(db.Statement.Model)
	})
	if err != nil {
		return fmt.Errorf("delete application: %w", err)
	}
	if !found {
		return errors.ApplicationNotFound
	}
	return nil
}

// RenewClientSecrets implements identity.Applications.
func (s *Store) RenewClientSecrets(ctx context.Context, id string, old, renewed []identity.ClientSecret, at time.Time) (bool, error) {
	found, err := s.changeApplication(ctx, id, at, func(db *gorm.DB) *gorm.DB {
		return db.Where("secrets = ?", newSecrets(old)).UpdateColumns(map[string]any{"secrets": newSecrets(renewed)})
	})
	if err != nil {
		return false, fmt.Errorf("renew client secrets: %w", err)
	}
	return found, nil
}

// changeApplication changes an application and announces it; false: there is
// none.
func (s *Store) changeApplication(ctx context.Context, id string, at time.Time, change func(*gorm.DB) *gorm.DB) (bool, error) {
	if !storable(id) {
		return false, nil
	}
	found := false
	err := s.InTx(ctx, func(ctx context.Context) error {
		var row applicationRow
		returning := clause.Returning{Columns: []clause.Column{{Name: "client_id"}}}
		res := change(s.db(ctx).Model(&row).Clauses(returning).Where("id = ?", id))
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		found = true
		return s.Announce(ctx, storage.Change{
			Kind: storage.ApplicationChanged, Key: row.ClientID, Until: at.Add(storage.ChangeRetention),
		})
	})
	return found, err
}
