-- 0013_refresh_repeats.sql: where the request came from that spent a refresh token.
-- +goose Up

-- NULL: it was not spent yet, or by an earlier release.
ALTER TABLE sessions
	ADD COLUMN spent_address    TEXT,
	ADD COLUMN spent_user_agent BYTEA; -- a digest, see storage.NewOrigin
