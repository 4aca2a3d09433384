-- 0010_authority.sql: what a session rests on, and which mappings to claims it released.
-- +goose Up

-- A session that an earlier release began has neither.
ALTER TABLE sessions ADD COLUMN authority TEXT; -- identity.Authority

ALTER TABLE sessions ADD COLUMN released TEXT; -- JSON array, see identity.Claim.Released

-- Nobody was told that such a scope stands for what they may do at a product.
DELETE FROM consents WHERE scope LIKE 'product:%';
