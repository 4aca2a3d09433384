-- 0012_devices.sql: devices are known by signed tokens, and users can be unlocked.
-- Nothing writes to devices any more: its rows expire.
-- +goose Up

ALTER TABLE users ADD COLUMN credentials INTEGER NOT NULL DEFAULT 1; -- one more whenever a way to sign in is changed or removed

ALTER TABLE users ADD COLUMN unlocked_at INTEGER; -- failed sign-ins up to then do not count

ALTER TABLE users ADD COLUMN frozen_until INTEGER; -- of what froze last: a device, or an account from an address

ALTER TABLE users ADD COLUMN last_sign_in INTEGER; -- the UTC day of it, at 00:00

CREATE INDEX users_disabled ON users (id) WHERE disabled;

CREATE INDEX users_frozen ON users (frozen_until) WHERE frozen_until IS NOT NULL;

CREATE INDEX users_last_sign_in ON users (last_sign_in) WHERE last_sign_in IS NOT NULL;

ALTER TABLE throttles ADD COLUMN counted_from INTEGER; -- failures up to then do not count
