-- 0003_nodes.sql: what the nodes share: keys, leases, and the changes they follow.
-- +goose Up

CREATE TABLE signing_keys (
	id          TEXT    NOT NULL PRIMARY KEY, -- kid
	algorithm   TEXT    NOT NULL,
	sealed      BLOB    NOT NULL, -- encrypted under the master secret
	created_at  INTEGER NOT NULL,
	active_from INTEGER NOT NULL,
	retired_at  INTEGER,
	expires_at  INTEGER
) STRICT;

CREATE TABLE leases (
	name        TEXT    NOT NULL PRIMARY KEY,
	holder      TEXT    NOT NULL,
	leased_till INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A number is never given twice. There is one writer, so lines become visible in
-- the order of their numbers.
CREATE TABLE changes (
	seq       INTEGER PRIMARY KEY AUTOINCREMENT,
	kind      TEXT    NOT NULL,
	key       TEXT    NOT NULL,
	kept_till INTEGER NOT NULL
) STRICT;

-- A revocation is one line, however often it is asked for.
CREATE UNIQUE INDEX changes_revoked ON changes (key, kind) WHERE kind IN ('session', 'token');
