-- +goose Up
-- From when on the person may be erased, as they asked; 0: they did not.
ALTER TABLE persons ADD COLUMN erase_at INTEGER NOT NULL DEFAULT 0;
