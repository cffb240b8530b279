-- +goose Up
-- When the person said that they come; 0: they have not.
ALTER TABLE appointments ADD COLUMN confirmed_at BIGINT NOT NULL DEFAULT 0;
