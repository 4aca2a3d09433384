-- 0001_identity.sql: who there is.
-- Text that a machine compares is in the "C" collation: bytes, not letters.
-- +goose Up

-- No migration is recorded twice, so none can be applied twice.
CREATE UNIQUE INDEX goose_db_version_once ON goose_db_version (version_id);

CREATE TABLE users (
	id             TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7: in order of creation
	username       TEXT        NOT NULL,
	username_key   TEXT        COLLATE "C" NOT NULL, -- identity.UsernameKey
	email          TEXT        NOT NULL,
	email_key      TEXT        COLLATE "C" NOT NULL, -- identity.EmailKey
	email_verified BOOLEAN     NOT NULL,
	first_name     TEXT        NOT NULL,
	last_name      TEXT        NOT NULL,
	password_hash  TEXT        NOT NULL, -- PHC string
	metadata       TEXT,                 -- JSON object
	disabled       BOOLEAN     NOT NULL,
	created_at     TIMESTAMPTZ NOT NULL,
	updated_at     TIMESTAMPTZ NOT NULL,
	CONSTRAINT users_username UNIQUE (username_key),
	CONSTRAINT users_email UNIQUE (email_key)
);

CREATE TABLE groups (
	id          TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- slug
	name        TEXT        NOT NULL,
	permissions TEXT,                 -- JSON object: resource to actions
	metadata    TEXT,                 -- JSON object
	built_in    BOOLEAN     NOT NULL,
	created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE memberships (
	user_id  TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	group_id TEXT COLLATE "C" NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
	PRIMARY KEY (user_id, group_id)
);

CREATE INDEX memberships_group ON memberships (group_id, user_id);

CREATE TABLE applications (
	id                         TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7: in order of creation
	client_id                  TEXT        COLLATE "C" NOT NULL,
	name                       TEXT        NOT NULL,
	description                TEXT        NOT NULL,
	public                     BOOLEAN     NOT NULL,
	built_in                   BOOLEAN     NOT NULL,
	disabled                   BOOLEAN     NOT NULL,
	not_before                 TIMESTAMPTZ,          -- sessions and tokens from then or earlier are dead
	secrets                    TEXT,                 -- JSON array of {hash, expiresAt}
	grant_types                TEXT,                 -- JSON array, as all lists below
	scopes                     TEXT,
	audiences                  TEXT,
	token_endpoint_auth_method TEXT        NOT NULL,
	redirect_uris              TEXT,
	post_logout_redirect_uris  TEXT,
	allowed_origins            TEXT,
	access_token_lifetime      BIGINT      NOT NULL, -- microseconds, as all lifetimes; 0: the server's default
	refresh_token_lifetime     BIGINT      NOT NULL,
	session_lifetime           BIGINT      NOT NULL,
	id_token_signed_alg        TEXT        NOT NULL,
	metadata                   TEXT,                 -- JSON object
	created_at                 TIMESTAMPTZ NOT NULL,
	updated_at                 TIMESTAMPTZ NOT NULL,
	CONSTRAINT applications_client_id UNIQUE (client_id)
);

INSERT INTO groups (id, name, permissions, built_in, created_at)
VALUES ('admin-group', 'Administrators', '{"*":["*"]}', TRUE, now());
