-- 0002_sessions.sql: sessions, single-use codes, and what throttles sign-ins.
-- +goose Up

-- A refresh updates a row in place: no index holds what it changes, and pages
-- keep room for the next version (a heap-only tuple). What it changes comes
-- last, so that little is logged.
CREATE TABLE sessions (
	id                 TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7: in order of creation
	user_id            TEXT        COLLATE "C" NOT NULL,
	client_id          TEXT        COLLATE "C" NOT NULL,
	scopes             TEXT,                 -- JSON array
	audience           TEXT,                 -- JSON array
	amr                TEXT,                 -- JSON array
	auth_time          TIMESTAMPTZ NOT NULL,
	nonce              TEXT        NOT NULL,
	address            TEXT        NOT NULL,
	user_agent         TEXT        NOT NULL,
	metadata           TEXT,                 -- JSON object
	created_at         TIMESTAMPTZ NOT NULL,
	expires_at         TIMESTAMPTZ NOT NULL, -- absolute
	ended_at           TIMESTAMPTZ,
	last_used_at       TIMESTAMPTZ NOT NULL,
	generation         INTEGER     NOT NULL,
	refresh_hash       BYTEA,                -- SHA-256 of the live refresh token
	refresh_expires_at TIMESTAMPTZ,          -- idle
	spent_hash         BYTEA,                -- SHA-256 of the token spent last
	spent_at           TIMESTAMPTZ,
	successor          BYTEA                 -- the live token, sealed under the spent one
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX sessions_user ON sessions (user_id, id);

CREATE TABLE codes (
	kind       TEXT        COLLATE "C" NOT NULL,
	hash       BYTEA       NOT NULL, -- SHA-256 of what the client holds
	session_id TEXT        COLLATE "C" NOT NULL,
	payload    BYTEA,
	expires_at TIMESTAMPTZ NOT NULL,
	spent_at   TIMESTAMPTZ,
	PRIMARY KEY (kind, hash)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE devices (
	user_id TEXT        COLLATE "C" NOT NULL,
	device  BYTEA       NOT NULL, -- SHA-256
	seen_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (user_id, device)
);

CREATE TABLE throttles (
	key          BYTEA       NOT NULL PRIMARY KEY, -- SHA-256
	failures     BIGINT      NOT NULL,
	allowed      BIGINT      NOT NULL, -- so many failures freeze the key
	last_at      TIMESTAMPTZ NOT NULL,
	frozen_until TIMESTAMPTZ NOT NULL, -- if failures have reached allowed
	forgotten_at TIMESTAMPTZ NOT NULL  -- a failure after this is the first again
);

-- Counts are worth nothing after a crash of the database, so they are not logged.
CREATE UNLOGGED TABLE counters (
	key        BYTEA       NOT NULL PRIMARY KEY, -- SHA-256 of the counter and its window
	count      BIGINT      NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 70);
