-- +goose Up
-- The role in which a member of staff acted; '': in all of theirs.
ALTER TABLE audit ADD COLUMN actor_role VARCHAR(16) NOT NULL DEFAULT '';
