package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// sessionRow is a storage.Session.
type sessionRow struct {
	id, userID, clientID      string
	scopes, audience, amr     column[[]string]
	authTime                  stamp
	nonce, address, userAgent string
	metadata                  column[map[string]any]
	createdAt, expiresAt      stamp
	endedAt, lastUsedAt       stamp
	generation                int
	refreshHash               []byte
	refreshExpiresAt          stamp
	spentHash                 []byte
	spentAt                   stamp
	successor                 []byte
	acr, browserID, subject   string
	claims                    []byte
	authority                 string
	released                  column[[]string]
	spentAddress              string
	spentUserAgent            []byte
}

const sessionColumns = `id, user_id, client_id, scopes, audience, amr, auth_time, nonce, address, user_agent, metadata,
	created_at, expires_at, ended_at, last_used_at,
	generation, refresh_hash, refresh_expires_at, spent_hash, spent_at, successor,
	acr, browser_id, subject, claims, authority, released,
	spent_address, spent_user_agent`

func sessionValues(s storage.Session) []any {
	return []any{
		s.ID, s.UserID, s.ClientID,
		column[[]string]{s.Scopes},
		column[[]string]{s.Audience},
		column[[]string]{s.AMR},
		stamp(s.AuthTime), legible(s.Nonce), legible(s.Address), legible(s.UserAgent),
		column[map[string]any]{s.Metadata},
		stamp(s.CreatedAt), stamp(s.ExpiresAt), stamp(s.EndedAt), stamp(s.LastUsedAt),
		s.Refresh.Generation, blob(s.Refresh.Hash), stamp(s.Refresh.ExpiresAt),
		blob(s.Refresh.SpentHash), stamp(s.Refresh.SpentAt), blob(s.Refresh.Successor),
		optional(s.ACR), optional(s.BrowserID), optional(s.Subject), blob(s.Claims),
		optional(string(s.Authority)),
		column[[]string]{s.Released},
		optional(s.Refresh.SpentFrom.Address), blob(s.Refresh.SpentFrom.UserAgent),
	}
}

func (r *sessionRow) fields() []any {
	return []any{
		&r.id, &r.userID, &r.clientID, &r.scopes, &r.audience, &r.amr,
		&r.authTime, &r.nonce, &r.address, &r.userAgent, &r.metadata,
		&r.createdAt, &r.expiresAt, &r.endedAt, &r.lastUsedAt,
		&r.generation, &r.refreshHash, &r.refreshExpiresAt, &r.spentHash, &r.spentAt, &r.successor,
		null(&r.acr), null(&r.browserID), null(&r.subject), &r.claims, null(&r.authority), &r.released,
		null(&r.spentAddress), &r.spentUserAgent,
	}
}

func (r *sessionRow) session() storage.Session {
	return storage.Session{
		ID:         r.id,
		UserID:     r.userID,
		ClientID:   r.clientID,
		Scopes:     r.scopes.v,
		Audience:   r.audience.v,
		AMR:        r.amr.v,
		AuthTime:   time.Time(r.authTime),
		Nonce:      r.nonce,
		ACR:        r.acr,
		BrowserID:  r.browserID,
		Subject:    r.subject,
		Claims:     r.claims,
		Authority:  identity.Authority(r.authority),
		Released:   r.released.v,
		Address:    r.address,
		UserAgent:  r.userAgent,
		Metadata:   r.metadata.v,
		CreatedAt:  time.Time(r.createdAt),
		LastUsedAt: time.Time(r.lastUsedAt),
		ExpiresAt:  time.Time(r.expiresAt),
		EndedAt:    time.Time(r.endedAt),
		Refresh: storage.Refresh{
			Generation: r.generation,
			Hash:       r.refreshHash,
			ExpiresAt:  time.Time(r.refreshExpiresAt),
			SpentHash:  r.spentHash,
			SpentAt:    time.Time(r.spentAt),
			Successor:  r.successor,
			SpentFrom:  storage.Origin{Address: r.spentAddress, UserAgent: r.spentUserAgent},
		},
	}
}

// Session implements storage.Sessions.
func (s *Store) Session(ctx context.Context, id string) (storage.Session, error) {
	if !storable(id) {
		return storage.Session{}, errors.SessionNotFound
	}
	var row sessionRow
	err := s.one(ctx, row.fields(), `SELECT `+sessionColumns+` FROM sessions WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return storage.Session{}, errors.SessionNotFound
	}
	if err != nil {
		return storage.Session{}, fmt.Errorf("read session: %w", err)
	}
	return row.session(), nil
}

// SessionsOfUser implements storage.Sessions. The ids are in order of creation.
// What an application was ended by is identity.Application.Ended.
func (s *Store) SessionsOfUser(ctx context.Context, userID string, now time.Time) ([]storage.Session, error) {
	if !storable(userID) {
		return nil, nil
	}
	sessions, err := s.sessions(ctx, `SELECT `+sessionColumns+` FROM sessions
		WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
			AND (refresh_hash IS NULL OR refresh_expires_at > $2)
			AND EXISTS (SELECT 1 FROM applications WHERE applications.client_id = sessions.client_id
				AND NOT applications.disabled AND (applications.not_before IS NULL OR applications.not_before < sessions.created_at))
		ORDER BY id DESC LIMIT 1000`, userID, stamp(now))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return sessions, nil
}

// sessions returns those that a statement finds.
func (s *Store) sessions(ctx context.Context, query string, args ...any) ([]storage.Session, error) {
	var sessions []storage.Session
	err := s.each(ctx, func(rows *sql.Rows) error {
		var row sessionRow
		if err := rows.Scan(row.fields()...); err != nil {
			return err
		}
		sessions = append(sessions, row.session())
		return nil
	}, query, args...)
	return sessions, err
}

// RotateRefresh implements storage.Sessions. On PostgreSQL a second UPDATE waits
// for the first and then no longer finds the hash.
func (s *Store) RotateRefresh(ctx context.Context, r storage.Rotation) (bool, error) {
	if !storable(r.SessionID) {
		return false, nil
	}
	n, err := s.exec(ctx, `UPDATE sessions SET
			generation = generation + 1, last_used_at = $3,
			refresh_hash = $4, refresh_expires_at = $5,
			spent_hash = refresh_hash, spent_at = $3, successor = $6,
			spent_address = $7, spent_user_agent = $8
		WHERE id = $1 AND refresh_hash = $2 AND ended_at IS NULL`,
		r.SessionID, r.Spent, stamp(r.At), r.Next, stamp(r.ExpiresAt), blob(r.Successor),
		optional(r.From.Address), blob(r.From.UserAgent))
	if err != nil {
		return false, fmt.Errorf("rotate refresh token: %w", err)
	}
	return n == 1, nil
}
