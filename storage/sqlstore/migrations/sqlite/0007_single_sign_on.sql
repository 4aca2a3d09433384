-- 0007_single_sign_on.sql: who is signed in in which browser, and what that leads to.
-- +goose Up

-- What a use changes comes last, and no index holds it.
CREATE TABLE browsers (
	id           TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
	hash         BLOB    NOT NULL, -- SHA-256 of what the cookie holds
	old_hash     BLOB,             -- of what it held before the last sign-in
	address      TEXT    NOT NULL,
	user_agent   TEXT    NOT NULL,
	created_at   INTEGER NOT NULL,
	expires_at   INTEGER NOT NULL, -- of the last of its accounts
	turns        INTEGER NOT NULL  -- uses so far
) STRICT;

CREATE UNIQUE INDEX browsers_hash ON browsers (hash);

CREATE INDEX browsers_old_hash ON browsers (old_hash) WHERE old_hash IS NOT NULL;

CREATE TABLE browser_accounts (
	browser_id   TEXT    NOT NULL REFERENCES browsers (id) ON DELETE CASCADE,
	user_id      TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	auth_time    INTEGER NOT NULL,
	acr          TEXT    NOT NULL,
	amr          TEXT,             -- JSON array
	remembered   INTEGER NOT NULL,
	expires_at   INTEGER NOT NULL, -- absolute
	last_used_at INTEGER NOT NULL,
	turn         INTEGER NOT NULL, -- of the browser's turns its last one: the greatest was used last
	PRIMARY KEY (browser_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX browser_accounts_user ON browser_accounts (user_id);

CREATE TABLE interactions (
	hash       BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the id
	browser    BLOB    NOT NULL, -- SHA-256 of the cookie that it is bound to
	payload    BLOB,
	version    INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE consents (
	user_id        TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	application_id TEXT    NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
	scope          TEXT    NOT NULL,
	granted_at     INTEGER NOT NULL,
	PRIMARY KEY (user_id, application_id, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX consents_application ON consents (application_id);

-- A session that an earlier release created has no browser.
ALTER TABLE sessions ADD COLUMN acr TEXT;

ALTER TABLE sessions ADD COLUMN browser_id TEXT; -- the browser that began it

ALTER TABLE sessions ADD COLUMN subject TEXT; -- sub, if it is not the user's id

ALTER TABLE sessions ADD COLUMN claims BLOB; -- the claims parameter, JSON

CREATE INDEX sessions_browser ON sessions (browser_id, id) WHERE browser_id IS NOT NULL;

-- No code outlives its user or its application.
ALTER TABLE codes ADD COLUMN user_id TEXT REFERENCES users (id) ON DELETE CASCADE;

ALTER TABLE codes ADD COLUMN client_id TEXT REFERENCES applications (client_id) ON DELETE CASCADE;

CREATE INDEX codes_user ON codes (user_id) WHERE user_id IS NOT NULL;

CREATE INDEX codes_client ON codes (client_id) WHERE client_id IS NOT NULL;

CREATE TABLE once_only (
	digest     BLOB    NOT NULL PRIMARY KEY, -- SHA-256
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A session ends once, so there is one delivery of it at most. It outlives the
-- session and its user.
CREATE TABLE logout_deliveries (
	session_id TEXT    NOT NULL PRIMARY KEY,
	user_id    TEXT    NOT NULL,
	subject    TEXT    NOT NULL, -- sub
	client_id  TEXT    NOT NULL,
	uri        TEXT    NOT NULL,
	created_at INTEGER NOT NULL,
	attempts   INTEGER NOT NULL,
	due_at     INTEGER NOT NULL  -- while it is under way: when somebody else may have it
) STRICT;

CREATE INDEX logout_deliveries_due ON logout_deliveries (due_at);
