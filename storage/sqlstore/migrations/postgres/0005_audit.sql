-- 0005_audit.sql: what administrators did, and why requests were refused.
-- +goose Up

-- Rows are never changed, and come and go in the order of their ids, as do the
-- entries of audit_events_end and refusals_end: cleanup leaves no holes there.
CREATE TABLE audit_events (
	id           TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7 of at
	at           TIMESTAMPTZ NOT NULL,
	actor_type   TEXT        COLLATE "C" NOT NULL,
	actor_id     TEXT        COLLATE "C" NOT NULL,
	actor_name   TEXT        NOT NULL,
	action       TEXT        COLLATE "C" NOT NULL,
	subject_type TEXT        COLLATE "C" NOT NULL,
	subject_id   TEXT        COLLATE "C" NOT NULL,
	subject_name TEXT        NOT NULL,
	address      TEXT        NOT NULL,
	request_id   TEXT        NOT NULL,
	code         TEXT        NOT NULL,
	was          TEXT,                 -- JSON object
	became       TEXT,                 -- JSON object
	expires_at   TIMESTAMPTZ NOT NULL
);

CREATE INDEX audit_events_actor ON audit_events (actor_id, id);

CREATE INDEX audit_events_subject ON audit_events (subject_id, id);

-- There are few kinds of event: a query for several takes the newest of each.
CREATE INDEX audit_events_kind ON audit_events (subject_type, action, id);

CREATE INDEX audit_events_end ON audit_events (expires_at, id);

CREATE TABLE refusals (
	request_id TEXT        COLLATE "C" NOT NULL,
	id         TEXT        COLLATE "C" NOT NULL, -- UUIDv7 of at
	at         TIMESTAMPTZ NOT NULL,
	record     BYTEA       NOT NULL, -- JSON object
	expires_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (request_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX refusals_end ON refusals (expires_at, id);
