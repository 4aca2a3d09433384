-- 0003_nodes.sql: what the nodes share: keys, leases, and the changes they follow.
-- +goose Up

CREATE TABLE signing_keys (
	id          TEXT        COLLATE "C" NOT NULL PRIMARY KEY, -- kid
	algorithm   TEXT        NOT NULL,
	sealed      BYTEA       NOT NULL, -- encrypted under the master secret
	created_at  TIMESTAMPTZ NOT NULL,
	active_from TIMESTAMPTZ NOT NULL,
	retired_at  TIMESTAMPTZ,
	expires_at  TIMESTAMPTZ
);

CREATE TABLE leases (
	name        TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
	holder      TEXT        COLLATE "C" NOT NULL,
	leased_till TIMESTAMPTZ NOT NULL
);

CREATE TABLE changes (
	seq         BIGINT      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind        TEXT        COLLATE "C" NOT NULL,
	key         TEXT        COLLATE "C" NOT NULL,
	kept_till   TIMESTAMPTZ NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- A revocation is one line, however often it is asked for.
CREATE UNIQUE INDEX changes_revoked ON changes (key, kind) WHERE kind IN ('session', 'token');

-- A transaction takes its numbers under a lock that it holds until it has
-- committed, so lines become visible in the order of their numbers: whoever has
-- read one has read all below it. A client that vanishes in between loses the
-- lock after five seconds.
-- +goose StatementBegin
CREATE FUNCTION changes_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('idle_in_transaction_session_timeout', '5s', TRUE);
	PERFORM pg_advisory_xact_lock(7161746568);
	RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER changes_queue BEFORE INSERT ON changes
	FOR EACH STATEMENT EXECUTE FUNCTION changes_queue();

-- +goose StatementBegin
CREATE FUNCTION changes_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('gatehouse_changes', '');
	RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER changes_tell AFTER INSERT ON changes
	FOR EACH STATEMENT EXECUTE FUNCTION changes_tell();
