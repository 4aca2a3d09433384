-- 0008_application_sign_on.sql: what applications can be set to for single sign-on.
-- +goose Up

ALTER TABLE applications
	ADD COLUMN display_name            TEXT    NOT NULL DEFAULT '',
	ADD COLUMN trusted                 BOOLEAN NOT NULL DEFAULT FALSE, -- its users are not asked for their consent
	ADD COLUMN require_par             BOOLEAN NOT NULL DEFAULT FALSE, -- pushed authorization requests alone
	ADD COLUMN subject_type            TEXT    NOT NULL DEFAULT '', -- '' or 'public', or 'pairwise'
	ADD COLUMN sector_identifier       TEXT    NOT NULL DEFAULT '',
	ADD COLUMN frontchannel_logout_uri TEXT    NOT NULL DEFAULT '',
	ADD COLUMN policy_uri              TEXT    NOT NULL DEFAULT '',
	ADD COLUMN tos_uri                 TEXT    NOT NULL DEFAULT '',
	ADD COLUMN claims                  TEXT; -- JSON array of {claim, metadata, scope}
