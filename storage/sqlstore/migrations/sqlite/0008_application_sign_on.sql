-- 0008_application_sign_on.sql: what applications can be set to for single sign-on.
-- +goose Up

ALTER TABLE applications ADD COLUMN display_name TEXT NOT NULL DEFAULT '';

ALTER TABLE applications ADD COLUMN trusted INTEGER NOT NULL DEFAULT 0; -- its users are not asked for their consent

ALTER TABLE applications ADD COLUMN require_par INTEGER NOT NULL DEFAULT 0; -- pushed authorization requests alone

ALTER TABLE applications ADD COLUMN subject_type TEXT NOT NULL DEFAULT ''; -- '' or 'public', or 'pairwise'

ALTER TABLE applications ADD COLUMN sector_identifier TEXT NOT NULL DEFAULT '';

ALTER TABLE applications ADD COLUMN frontchannel_logout_uri TEXT NOT NULL DEFAULT '';

ALTER TABLE applications ADD COLUMN policy_uri TEXT NOT NULL DEFAULT '';

ALTER TABLE applications ADD COLUMN tos_uri TEXT NOT NULL DEFAULT '';

ALTER TABLE applications ADD COLUMN claims TEXT; -- JSON array of {claim, metadata, scope}
