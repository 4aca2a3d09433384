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

// applicationRow is an identity.Application.
type applicationRow struct {
	ID                      string
	ClientID                string
	Name                    string
	Description             string
	Public                  bool
	BuiltIn                 bool
	Disabled                bool
	NotBefore               stamp
	Secrets                 column[[]secret] `gorm:"type:text"`
	GrantTypes              column[[]string] `gorm:"type:text"`
	Scopes                  column[[]string] `gorm:"type:text"`
	Audiences               column[[]string] `gorm:"type:text"`
	TokenEndpointAuthMethod string
	RedirectURIs            column[[]string] `gorm:"type:text;column:redirect_uris"`
	PostLogoutRedirectURIs  column[[]string] `gorm:"type:text;column:post_logout_redirect_uris"`
	AllowedOrigins          column[[]string] `gorm:"type:text"`
	AccessTokenLifetime     int64            // microseconds, as the next two
	RefreshTokenLifetime    int64
	SessionLifetime         int64
	IDTokenSignedAlg        string
	Metadata                column[map[string]any] `gorm:"type:text"`
	CreatedAt               stamp
	UpdatedAt               stamp
}

// TableName is GORM's question.
func (applicationRow) TableName() string { return "applications" }

// secret is an identity.ClientSecret.
type secret struct {
	Hash      string    `json:"hash"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
}

func newSecrets(secrets []identity.ClientSecret) column[[]secret] {
	var c column[[]secret]
	for _, s := range secrets {
		c.v = append(c.v, secret{Hash: s.Hash, ExpiresAt: s.ExpiresAt.UTC().Truncate(time.Microsecond)})
	}
	return c
}

func newApplicationRow(a identity.Application) applicationRow {
	return applicationRow{
		ID:                      a.ID,
		ClientID:                a.ClientID,
		Name:                    legible(a.Name),
		Description:             legible(a.Description),
		Public:                  a.Public,
		BuiltIn:                 a.BuiltIn,
		Disabled:                a.Disabled,
		NotBefore:               stamp(a.NotBefore),
		Secrets:                 newSecrets(a.Secrets),
		GrantTypes:              column[[]string]{a.GrantTypes},
		Scopes:                  column[[]string]{a.Scopes},
		Audiences:               column[[]string]{a.Audiences},
		TokenEndpointAuthMethod: a.TokenEndpointAuthMethod,
		RedirectURIs:            column[[]string]{a.RedirectURIs},
		PostLogoutRedirectURIs:  column[[]string]{a.PostLogoutRedirectURIs},
		AllowedOrigins:          column[[]string]{a.AllowedOrigins},
		AccessTokenLifetime:     a.AccessTokenLifetime.Microseconds(),
		RefreshTokenLifetime:    a.RefreshTokenLifetime.Microseconds(),
		SessionLifetime:         a.SessionLifetime.Microseconds(),
		IDTokenSignedAlg:        a.IDTokenSignedResponseAlg,
		Metadata:                column[map[string]any]{a.Metadata},
		CreatedAt:               stamp(a.CreatedAt),
		UpdatedAt:               stamp(a.UpdatedAt),
	}
}

func (r *applicationRow) application() identity.Application {
	app := identity.Application{
		ID:                       r.ID,
		ClientID:                 r.ClientID,
		Name:                     r.Name,
		Description:              r.Description,
		Public:                   r.Public,
		BuiltIn:                  r.BuiltIn,
		Disabled:                 r.Disabled,
		NotBefore:                time.Time(r.NotBefore),
		GrantTypes:               r.GrantTypes.v,
		Scopes:                   r.Scopes.v,
		Audiences:                r.Audiences.v,
		TokenEndpointAuthMethod:  r.TokenEndpointAuthMethod,
		RedirectURIs:             r.RedirectURIs.v,
		PostLogoutRedirectURIs:   r.PostLogoutRedirectURIs.v,
		AllowedOrigins:           r.AllowedOrigins.v,
		AccessTokenLifetime:      time.Duration(r.AccessTokenLifetime) * time.Microsecond,
		RefreshTokenLifetime:     time.Duration(r.RefreshTokenLifetime) * time.Microsecond,
		SessionLifetime:          time.Duration(r.SessionLifetime) * time.Microsecond,
		IDTokenSignedResponseAlg: r.IDTokenSignedAlg,
		Metadata:                 r.Metadata.v,
		CreatedAt:                time.Time(r.CreatedAt),
		UpdatedAt:                time.Time(r.UpdatedAt),
	}
	for _, s := range r.Secrets.v {
		app.Secrets = append(app.Secrets, identity.ClientSecret(s))
	}
	return app
}

// applicationFields says which field clashes when an index refuses an application.
var applicationFields = map[string]string{
	"applications_pkey": "id", "applications.id": "id",
	"applications_client_id": "clientId", "applications.client_id": "clientId",
}

// CreateApplication implements identity.Store.
func (s *Store) CreateApplication(ctx context.Context, app identity.Application) error {
	row := newApplicationRow(app)
	if err := s.db(ctx).Create(&row).Error; err != nil {
		return fmt.Errorf("create application: %w", conflict(err, applicationFields))
	}
	return nil
}

// Application implements identity.Store.
func (s *Store) Application(ctx context.Context, id string) (identity.Application, error) {
	return s.applicationWhere(ctx, "id = ?", id)
}

// ApplicationByClientID implements identity.Store.
func (s *Store) ApplicationByClientID(ctx context.Context, clientID string) (identity.Application, error) {
	return s.applicationWhere(ctx, "client_id = ?", clientID)
}

func (s *Store) applicationWhere(ctx context.Context, condition, value string) (identity.Application, error) {
	if !storable(value) {
		return identity.Application{}, errors.ApplicationNotFound
	}
	var row applicationRow
	err := s.db(ctx).Where(condition, value).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return identity.Application{}, errors.ApplicationNotFound
	}
	if err != nil {
		return identity.Application{}, fmt.Errorf("read application: %w", err)
	}
	return row.application(), nil
}

// Applications implements identity.Store. The ids are in order of creation.
func (s *Store) Applications(ctx context.Context, page identity.Page) ([]identity.Application, int, error) {
	var rows []applicationRow
	total, err := s.page(ctx, page, s.db(ctx), &rows)
	if err != nil {
		return nil, 0, fmt.Errorf("list applications: %w", err)
	}
	apps := make([]identity.Application, len(rows))
	for i := range rows {
		apps[i] = rows[i].application()
	}
	return apps, total, nil
}

// SetApplicationDisabled implements identity.Store.
func (s *Store) SetApplicationDisabled(ctx context.Context, id string, disabled bool, at time.Time) error {
	columns := map[string]any{"disabled": disabled}
	if disabled {
		columns["not_before"] = stamp(at)
	}
	return s.updateApplication(ctx, id, at, columns)
}

// SetClientSecrets implements identity.Store.
func (s *Store) SetClientSecrets(ctx context.Context, id string, secrets []identity.ClientSecret, at time.Time) error {
	return s.updateApplication(ctx, id, at, map[string]any{"secrets": newSecrets(secrets)})
}

// RenewClientSecrets implements identity.Store.
func (s *Store) RenewClientSecrets(ctx context.Context, id string, old, renewed []identity.ClientSecret, at time.Time) (bool, error) {
	err := s.updateApplication(ctx, id, at, map[string]any{"secrets": newSecrets(renewed)}, "secrets = ?", newSecrets(old))
	if errors.Is(err, errors.ApplicationNotFound) {
		return false, nil
	}
	return err == nil, err
}

// updateApplication changes columns of an application, on a condition besides its
// id if there is one, and announces it.
func (s *Store) updateApplication(ctx context.Context, id string, at time.Time, columns map[string]any, condition ...any) error {
	if !storable(id) {
		return errors.ApplicationNotFound
	}
	columns["updated_at"] = stamp(at)
	err := s.InTx(ctx, func(ctx context.Context) error {
		var row applicationRow
		query := s.db(ctx).Model(&row).Clauses(clause.Returning{Columns: []clause.Column{{Name: "client_id"}}}).Where("id = ?", id)
		if len(condition) > 0 {
			query = query.Where(condition[0], condition[1:]...)
		}
		res := query.Updates(columns)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return errors.ApplicationNotFound
		}
		return s.Announce(ctx, storage.Change{
			Kind: storage.ApplicationChanged, Key: row.ClientID, Until: at.Add(storage.ChangeRetention),
		})
	})
	if err != nil {
		return fmt.Errorf("change application: %w", err)
	}
	return nil
}
