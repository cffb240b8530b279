-- +goose Up
-- Replies that were taken, so that one that is pushed twice counts once; gone after three days.
CREATE TABLE IF NOT EXISTS replies (
    id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS replies_created_at ON replies (created_at);
