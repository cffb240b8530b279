-- +goose Up
-- Whether somebody came: came, absent; empty: not known.
ALTER TABLE parties ADD COLUMN attendance TEXT NOT NULL DEFAULT '';
