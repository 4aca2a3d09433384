-- 0004_administration.sql: products, versions, and what lists of users are found by.
-- +goose Up

CREATE TABLE products (
	name        TEXT    NOT NULL PRIMARY KEY, -- slug
	description TEXT    NOT NULL,
	built_in    INTEGER NOT NULL,
	created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO products (name, description, built_in, created_at)
VALUES ('gatehouse', 'Gatehouse itself', 1, unixepoch() * 1000000);

INSERT INTO products (name, description, built_in, created_at)
SELECT name, '', 0, min(created_at) FROM applications WHERE name <> 'gatehouse' GROUP BY name;

-- SQLite adds no foreign key to a table that is there.
CREATE TABLE applications_4 (
	id                         TEXT    NOT NULL PRIMARY KEY, -- UUIDv7: in order of creation
	client_id                  TEXT    NOT NULL UNIQUE,
	name                       TEXT    NOT NULL REFERENCES products (name),
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
	updated_at                 INTEGER NOT NULL,
	jwks                       TEXT    NOT NULL DEFAULT '', -- JSON Web Key Set
	jwks_uri                   TEXT    NOT NULL DEFAULT '',
	backchannel_logout_uri     TEXT    NOT NULL DEFAULT '',
	version                    INTEGER NOT NULL DEFAULT 1
) STRICT;

INSERT INTO applications_4 (id, client_id, name, description, public, built_in, disabled, not_before, secrets,
	grant_types, scopes, audiences, token_endpoint_auth_method, redirect_uris, post_logout_redirect_uris,
	allowed_origins, access_token_lifetime, refresh_token_lifetime, session_lifetime, id_token_signed_alg,
	metadata, created_at, updated_at)
SELECT id, client_id, name, description, public, built_in, disabled, not_before, secrets,
	grant_types, scopes, audiences, token_endpoint_auth_method, redirect_uris, post_logout_redirect_uris,
	allowed_origins, access_token_lifetime, refresh_token_lifetime, session_lifetime, id_token_signed_alg,
	metadata, created_at, updated_at
FROM applications;

DROP TABLE applications;

ALTER TABLE applications_4 RENAME TO applications;

CREATE INDEX applications_name ON applications (name);

ALTER TABLE groups ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

ALTER TABLE groups ADD COLUMN updated_at INTEGER;

UPDATE groups SET updated_at = created_at;

-- A user is listed by its order among last names (folded name, U+0001, id), and
-- by its terms. One that an earlier release created has no order, and no terms
-- or ranks either, until the next migration.
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

ALTER TABLE users ADD COLUMN last_name_order TEXT;

CREATE INDEX users_last_name ON users (last_name_order);

-- What a prefix is looked for in: the different values among username, e-mail,
-- first and last name of each user, folded.
CREATE TABLE user_terms (
	entry  TEXT    NOT NULL PRIMARY KEY, -- value, U+0001, user id
	shared INTEGER NOT NULL              -- bytes that it begins with as the user's value before it does
) STRICT, WITHOUT ROWID;

-- Each list of keys in ascending order is cut into blocks; from one start up to
-- the next there are so many keys of a kind. So the thousandth key, and how many
-- there are, is found without counting them.
CREATE TABLE ranks (
	list  TEXT    NOT NULL,
	start TEXT    NOT NULL,
	kind  INTEGER NOT NULL,
	n     INTEGER NOT NULL,
	PRIMARY KEY (list, start, kind)
) STRICT, WITHOUT ROWID;
