-- +goose Up
-- What a log-in's owner is shown of it, and the role in which it acts; '': in all.
ALTER TABLE staff_tokens ADD COLUMN began_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff_tokens ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff_tokens ADD COLUMN how TEXT NOT NULL DEFAULT 'password';
ALTER TABLE staff_tokens ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE staff_tokens ADD COLUMN role TEXT NOT NULL DEFAULT '';
