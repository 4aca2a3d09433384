-- 0009_pairwise_subjects.sql: by which sub the applications of a sector know a user.
-- +goose Up

CREATE TABLE pairwise_subjects (
	user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	sector  TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL UNIQUE,
	PRIMARY KEY (user_id, sector)
);
