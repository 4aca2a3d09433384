package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/storage"
)

// keyRow is a storage.Key.
type keyRow struct {
	ID         string
	Algorithm  string
	Sealed     []byte
	CreatedAt  stamp
	ActiveFrom stamp
	RetiredAt  stamp
	ExpiresAt  stamp
}

// TableName is GORM's question.
func (keyRow) TableName() string { return "signing_keys" }

func newKeyRow(k storage.Key) keyRow {
	return keyRow{
		ID:         k.ID,
		Algorithm:  k.Algorithm,
		Sealed:     k.Sealed,
		CreatedAt:  stamp(k.CreatedAt),
		ActiveFrom: stamp(k.ActiveFrom),
		RetiredAt:  stamp(k.RetiredAt),
		ExpiresAt:  stamp(k.ExpiresAt),
	}
}

func (r keyRow) key() storage.Key {
	return storage.Key{
		ID:         r.ID,
		Algorithm:  r.Algorithm,
		Sealed:     r.Sealed,
		CreatedAt:  time.Time(r.CreatedAt),
		ActiveFrom: time.Time(r.ActiveFrom),
		RetiredAt:  time.Time(r.RetiredAt),
		ExpiresAt:  time.Time(r.ExpiresAt),
	}
}

// Keys implements storage.Keys.
func (s *Store) Keys(ctx context.Context) ([]storage.Key, error) {
	var rows []keyRow
	if err := s.db(ctx).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	keys := make([]storage.Key, len(rows))
	for i, row := range rows {
		keys[i] = row.key()
	}
	return keys, nil
}

// ReplaceKeys implements storage.Keys.
func (s *Store) ReplaceKeys(ctx context.Context, seen []string, create, change []storage.Key) (replaced bool, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		same, err := s.lockKeys(ctx, seen)
		if err != nil || !same {
			return err
		}
		replaced = true
		return s.replaceKeys(ctx, create, change)
	})
	if err != nil {
		return false, fmt.Errorf("replace signing keys: %w", err)
	}
	return replaced, nil
}

// lockKeys keeps others from writing keys until the commit, and says whether the
// ids are those that the caller has seen.
func (s *Store) lockKeys(ctx context.Context, seen []string) (bool, error) {
	if s.dialect.lockKeys != "" {
		if _, err := s.exec(ctx, s.dialect.lockKeys); err != nil {
			return false, err
		}
	}
	var stored []string
	if err := s.db(ctx).Model(&keyRow{}).Pluck("id", &stored).Error; err != nil {
		return false, err
	}
	slices.Sort(stored)
	return slices.Equal(stored, slices.Sorted(slices.Values(seen))), nil
}

func (s *Store) replaceKeys(ctx context.Context, create, change []storage.Key) error {
	for _, key := range create {
		row := newKeyRow(key)
		if err := s.db(ctx).Create(&row).Error; err != nil {
			return err
		}
	}
	for _, key := range change {
		err := s.db(ctx).Model(&keyRow{}).Where("id = ?", key.ID).
			Updates(map[string]any{
				"sealed":      key.Sealed,
				"active_from": stamp(key.ActiveFrom),
				"retired_at":  stamp(key.RetiredAt),
				"expires_at":  stamp(key.ExpiresAt),
			}).Error
		if err != nil {
			return err
		}
	}
	return nil
}
