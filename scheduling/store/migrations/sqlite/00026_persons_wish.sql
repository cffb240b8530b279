-- +goose Up
-- How the person wants to be reached, sealed under their own key.
ALTER TABLE persons ADD COLUMN wish BLOB NULL;
