-- +goose Up
-- Whether a citizen chose its time, and not the desk: such are bounded by kept_for_desk.
ALTER TABLE appointments ADD COLUMN by_citizen INTEGER NOT NULL DEFAULT 0;
