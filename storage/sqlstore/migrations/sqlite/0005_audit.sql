-- 0005_audit.sql: what administrators did, and why requests were refused.
-- +goose Up

-- Rows are never changed, and come and go in the order of their ids, as do the
-- entries of audit_events_end and refusals_end: cleanup leaves no holes there.
CREATE TABLE audit_events (
	id           TEXT    NOT NULL PRIMARY KEY, -- UUIDv7 of at
	at           INTEGER NOT NULL,
	actor_type   TEXT    NOT NULL,
	actor_id     TEXT    NOT NULL,
	actor_name   TEXT    NOT NULL,
	action       TEXT    NOT NULL,
	subject_type TEXT    NOT NULL,
	subject_id   TEXT    NOT NULL,
	subject_name TEXT    NOT NULL,
	address      TEXT    NOT NULL,
	request_id   TEXT    NOT NULL,
	code         TEXT    NOT NULL,
	was          TEXT,             -- JSON object
	became       TEXT,             -- JSON object
	expires_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_events_actor ON audit_events (actor_id, id);

CREATE INDEX audit_events_subject ON audit_events (subject_id, id);

-- There are few kinds of event: a query for several takes the newest of each.
CREATE INDEX audit_events_kind ON audit_events (subject_type, action, id);

CREATE INDEX audit_events_end ON audit_events (expires_at, id);

CREATE TABLE refusals (
	request_id TEXT    NOT NULL,
	id         TEXT    NOT NULL, -- UUIDv7 of at
	at         INTEGER NOT NULL,
	record     BLOB    NOT NULL, -- JSON object
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (request_id, id)
) STRICT;

CREATE INDEX refusals_end ON refusals (expires_at, id);
