-- 0007_single_sign_on.sql: who is signed in in which browser, and what that leads to.
-- +goose Up

-- What a use changes comes last, and no index holds it.
CREATE TABLE browsers (
	id           TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7
	hash         BYTEA       NOT NULL, -- SHA-256 of what the cookie holds
	old_hash     BYTEA,                -- of what it held before the last sign-in
	address      TEXT        NOT NULL,
	user_agent   TEXT        NOT NULL,
	created_at   TIMESTAMPTZ NOT NULL,
	expires_at   TIMESTAMPTZ NOT NULL, -- of the last of its accounts
	turns        BIGINT      NOT NULL  -- uses so far
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX browsers_hash ON browsers (hash);

CREATE INDEX browsers_old_hash ON browsers (old_hash) WHERE old_hash IS NOT NULL;

CREATE TABLE browser_accounts (
	browser_id   TEXT        COLLATE "C" NOT NULL REFERENCES browsers (id) ON DELETE CASCADE,
	user_id      TEXT        COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	auth_time    TIMESTAMPTZ NOT NULL,
	acr          TEXT        NOT NULL,
	amr          TEXT,                 -- JSON array
	remembered   BOOLEAN     NOT NULL,
	expires_at   TIMESTAMPTZ NOT NULL, -- absolute
	last_used_at TIMESTAMPTZ NOT NULL,
	turn         BIGINT      NOT NULL, -- of the browser's turns its last one: the greatest was used last
	PRIMARY KEY (browser_id, user_id)
) WITH (fillfactor = 80);

CREATE INDEX browser_accounts_user ON browser_accounts (user_id);

CREATE TABLE interactions (
	hash       BYTEA       NOT NULL PRIMARY KEY, -- SHA-256 of the id
	browser    BYTEA       NOT NULL, -- SHA-256 of the cookie that it is bound to
	payload    BYTEA,
	version    BIGINT      NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE consents (
	user_id        TEXT        COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	application_id TEXT        COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
	scope          TEXT        COLLATE "C" NOT NULL,
	granted_at     TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (user_id, application_id, scope)
);

CREATE INDEX consents_application ON consents (application_id);

-- A session that an earlier release created has no browser.
ALTER TABLE sessions
	ADD COLUMN acr        TEXT,
	ADD COLUMN browser_id TEXT COLLATE "C", -- the browser that began it
	ADD COLUMN subject    TEXT,              -- sub, if it is not the user's id
	ADD COLUMN claims     BYTEA;             -- the claims parameter, JSON

CREATE INDEX sessions_browser ON sessions (browser_id, id) WHERE browser_id IS NOT NULL;

-- No code outlives its user or its application.
ALTER TABLE codes
	ADD COLUMN user_id   TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE,
	ADD COLUMN client_id TEXT COLLATE "C" REFERENCES applications (client_id) ON DELETE CASCADE;

CREATE INDEX codes_user ON codes (user_id) WHERE user_id IS NOT NULL;

CREATE INDEX codes_client ON codes (client_id) WHERE client_id IS NOT NULL;

CREATE TABLE once_only (
	digest     BYTEA       NOT NULL PRIMARY KEY, -- SHA-256
	expires_at TIMESTAMPTZ NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- A session ends once, so there is one delivery of it at most. It outlives the
-- session and its user.
CREATE TABLE logout_deliveries (
	session_id TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
	user_id    TEXT        COLLATE "C" NOT NULL,
	subject    TEXT        NOT NULL, -- sub
	client_id  TEXT        COLLATE "C" NOT NULL,
	uri        TEXT        NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	attempts   BIGINT      NOT NULL,
	due_at     TIMESTAMPTZ NOT NULL  -- while it is under way: when somebody else may have it
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX logout_deliveries_due ON logout_deliveries (due_at);
