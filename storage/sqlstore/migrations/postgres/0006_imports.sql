-- 0006_imports.sql: how far imports of users have come that may be interrupted.
-- +goose Up

CREATE TABLE imports (
	id           TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- of the file and how it is imported
	lines        BIGINT      NOT NULL,
	created      BIGINT      NOT NULL,
	updated      BIGINT      NOT NULL,
	unchanged    BIGINT      NOT NULL,
	refused      BIGINT      NOT NULL,
	report_bytes BIGINT      NOT NULL, -- of the report that tells of these lines
	expires_at   TIMESTAMPTZ NOT NULL
);
