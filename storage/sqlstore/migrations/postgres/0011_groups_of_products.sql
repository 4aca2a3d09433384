-- 0011_groups_of_products.sql: which product a group belongs to, and applications as members.
-- +goose Up

ALTER TABLE groups ADD COLUMN product TEXT COLLATE "C" NOT NULL DEFAULT ''; -- '': of none

-- Until now a group belonged to the longest product that its id began with, but
-- for the exact names of a product's own groups.
UPDATE groups SET product = coalesce((
	SELECT name FROM products
	WHERE substr(groups.id, 1, length(products.name) + 1) = products.name || '-'
	ORDER BY groups.id IN (products.name || '-viewer-group', products.name || '-contributor-group', products.name || '-editor-group') DESC,
		length(products.name) DESC
	LIMIT 1), '')
WHERE NOT built_in;

CREATE TABLE application_memberships (
	application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
	group_id       TEXT COLLATE "C" NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
	PRIMARY KEY (application_id, group_id)
);

CREATE INDEX application_memberships_group ON application_memberships (group_id, application_id);
