-- 0009_pairwise_subjects.sql: by which sub the applications of a sector know a user.
-- +goose Up

CREATE TABLE pairwise_subjects (
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	sector  TEXT NOT NULL,
	subject TEXT NOT NULL UNIQUE,
	PRIMARY KEY (user_id, sector)
) STRICT, WITHOUT ROWID;
