-- 0004_administration.sql: products, versions, and what lists of users are found by.
-- +goose Up

CREATE TABLE products (
	name        TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- slug
	description TEXT        NOT NULL,
	built_in    BOOLEAN     NOT NULL,
	created_at  TIMESTAMPTZ NOT NULL
);

INSERT INTO products (name, description, built_in, created_at)
VALUES ('gatehouse', 'Gatehouse itself', TRUE, now());

INSERT INTO products (name, description, built_in, created_at)
SELECT name, '', FALSE, min(created_at) FROM applications WHERE name <> 'gatehouse' GROUP BY name;

ALTER TABLE applications
	ADD COLUMN jwks                   TEXT   NOT NULL DEFAULT '', -- JSON Web Key Set
	ADD COLUMN jwks_uri               TEXT   NOT NULL DEFAULT '',
	ADD COLUMN backchannel_logout_uri TEXT   NOT NULL DEFAULT '',
	ADD COLUMN version                BIGINT NOT NULL DEFAULT 1,
	ALTER COLUMN name TYPE TEXT COLLATE "C",
	ADD CONSTRAINT applications_product FOREIGN KEY (name) REFERENCES products (name);

CREATE INDEX applications_name ON applications (name);

ALTER TABLE groups
	ADD COLUMN version    BIGINT NOT NULL DEFAULT 1,
	ADD COLUMN updated_at TIMESTAMPTZ;

UPDATE groups SET updated_at = created_at;

-- A user is listed by its order among last names (folded name, U+0001, id), and
-- by its terms. One that an earlier release created has no order, and no terms
-- or ranks either, until the next migration.
ALTER TABLE users
	ADD COLUMN version         BIGINT NOT NULL DEFAULT 1,
	ADD COLUMN last_name_order TEXT   COLLATE "C";

CREATE INDEX users_last_name ON users (last_name_order);

-- What a prefix is looked for in: the different values among username, e-mail,
-- first and last name of each user, folded.
CREATE TABLE user_terms (
	entry  TEXT     COLLATE "C" NOT NULL, -- value, U+0001, user id
	shared SMALLINT NOT NULL,             -- bytes that it begins with as the user's value before it does
	PRIMARY KEY (entry) INCLUDE (shared)
);

-- Each list of keys in ascending order is cut into blocks; from one start up to
-- the next there are so many keys of a kind. So the thousandth key, and how many
-- there are, is found without counting them.
CREATE TABLE ranks (
	list  TEXT    COLLATE "C" NOT NULL,
	start TEXT    COLLATE "C" NOT NULL,
	kind  INTEGER NOT NULL,
	n     BIGINT  NOT NULL,
	PRIMARY KEY (list, start, kind)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
