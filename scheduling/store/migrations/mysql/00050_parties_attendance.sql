-- +goose Up
-- Whether somebody came: came, absent; empty: not known.
ALTER TABLE parties ADD COLUMN attendance VARCHAR(8) NOT NULL DEFAULT '';
