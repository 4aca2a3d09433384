-- 0001_identity.sql: who there is.
-- Times are whole microseconds since 1970, UTC.
-- +goose Up

-- No migration is recorded twice, so none can be applied twice.
CREATE UNIQUE INDEX goose_db_version_once ON goose_db_version (version_id);

CREATE TABLE users (
	id             TEXT    NOT NULL PRIMARY KEY, -- UUIDv7: in order of creation
	username       TEXT    NOT NULL,
	username_key   TEXT    NOT NULL UNIQUE, -- identity.UsernameKey
	email          TEXT    NOT NULL,
	email_key      TEXT    NOT NULL UNIQUE, -- identity.EmailKey
	email_verified INTEGER NOT NULL,
	first_name     TEXT    NOT NULL,
	last_name      TEXT    NOT NULL,
	password_hash  TEXT    NOT NULL, -- PHC string
	metadata       TEXT,             -- JSON object
	disabled       INTEGER NOT NULL,
	created_at     INTEGER NOT NULL,
	updated_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE groups (
	id          TEXT    NOT NULL PRIMARY KEY, -- slug
	name        TEXT    NOT NULL,
	permissions TEXT,             -- JSON object: resource to actions
	metadata    TEXT,             -- JSON object
	built_in    INTEGER NOT NULL,
	created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
	user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
	PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_group ON memberships (group_id, user_id);

CREATE TABLE applications (
	id                         TEXT    NOT NULL PRIMARY KEY, -- UUIDv7: in order of creation
	client_id                  TEXT    NOT NULL UNIQUE,
	name                       TEXT    NOT NULL,
	description                TEXT    NOT NULL,
	public                     INTEGER NOT NULL,
	built_in                   INTEGER NOT NULL,
	disabled                   INTEGER NOT NULL,
	not_before                 INTEGER,          -- sessions and tokens from then or earlier are dead
	secrets                    TEXT,             -- JSON array of {hash, expiresAt}
	grant_types                TEXT,             -- JSON array, as all lists below
	scopes                     TEXT,
	audiences                  TEXT,
	token_endpoint_auth_method TEXT    NOT NULL,
	redirect_uris              TEXT,
	post_logout_redirect_uris  TEXT,
	allowed_origins            TEXT,
	access_token_lifetime      INTEGER NOT NULL, -- microseconds, as all lifetimes; 0: the server's default
	refresh_token_lifetime     INTEGER NOT NULL,
	session_lifetime           INTEGER NOT NULL,
	id_token_signed_alg        TEXT    NOT NULL,
	metadata                   TEXT,             -- JSON object
	created_at                 INTEGER NOT NULL,
	updated_at                 INTEGER NOT NULL
) STRICT;

INSERT INTO groups (id, name, permissions, built_in, created_at)
VALUES ('admin-group', 'Administrators', '{"*":["*"]}', 1, unixepoch() * 1000000);
