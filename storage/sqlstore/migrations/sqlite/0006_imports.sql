-- 0006_imports.sql: how far imports of users have come that may be interrupted.
-- +goose Up

CREATE TABLE imports (
	id           TEXT    NOT NULL PRIMARY KEY, -- of the file and how it is imported
	lines        INTEGER NOT NULL,
	created      INTEGER NOT NULL,
	updated      INTEGER NOT NULL,
	unchanged    INTEGER NOT NULL,
	refused      INTEGER NOT NULL,
	report_bytes INTEGER NOT NULL, -- of the report that tells of these lines
	expires_at   INTEGER NOT NULL
) STRICT;
