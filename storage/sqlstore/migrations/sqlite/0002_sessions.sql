-- 0002_sessions.sql: sessions, single-use codes, and what throttles sign-ins.
-- +goose Up

-- What a refresh changes comes last, and no index holds it.
CREATE TABLE sessions (
	id                 TEXT    NOT NULL PRIMARY KEY, -- UUIDv7: in order of creation
	user_id            TEXT    NOT NULL,
	client_id          TEXT    NOT NULL,
	scopes             TEXT,             -- JSON array
	audience           TEXT,             -- JSON array
	amr                TEXT,             -- JSON array
	auth_time          INTEGER NOT NULL,
	nonce              TEXT    NOT NULL,
	address            TEXT    NOT NULL,
	user_agent         TEXT    NOT NULL,
	metadata           TEXT,             -- JSON object
	created_at         INTEGER NOT NULL,
	expires_at         INTEGER NOT NULL, -- absolute
	ended_at           INTEGER,
	last_used_at       INTEGER NOT NULL,
	generation         INTEGER NOT NULL,
	refresh_hash       BLOB,             -- SHA-256 of the live refresh token
	refresh_expires_at INTEGER,          -- idle
	spent_hash         BLOB,             -- SHA-256 of the token spent last
	spent_at           INTEGER,
	successor          BLOB              -- the live token, sealed under the spent one
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id, id);

CREATE TABLE codes (
	kind       TEXT    NOT NULL,
	hash       BLOB    NOT NULL, -- SHA-256 of what the client holds
	session_id TEXT    NOT NULL,
	payload    BLOB,
	expires_at INTEGER NOT NULL,
	spent_at   INTEGER,
	PRIMARY KEY (kind, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
	user_id TEXT    NOT NULL,
	device  BLOB    NOT NULL, -- SHA-256
	seen_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE throttles (
	key          BLOB    NOT NULL PRIMARY KEY, -- SHA-256
	failures     INTEGER NOT NULL,
	allowed      INTEGER NOT NULL, -- so many failures freeze the key
	last_at      INTEGER NOT NULL,
	frozen_until INTEGER NOT NULL, -- if failures have reached allowed
	forgotten_at INTEGER NOT NULL  -- a failure after this is the first again
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
	key        BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the counter and its window
	count      INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
