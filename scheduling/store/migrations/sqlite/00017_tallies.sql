-- +goose Up
-- Tries and sendings, as instants; the key is a keyed hash.
CREATE TABLE IF NOT EXISTS tallies (
    id BLOB NOT NULL,
    events TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tallies_expires_at ON tallies (expires_at);
