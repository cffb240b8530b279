-- +goose Up
-- What people are filling in on the pages, sealed, for a while. id is the SHA-256 of a secret in the browser's cookie.
CREATE TABLE IF NOT EXISTS visits (
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    data BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS visits_expires_at ON visits (expires_at);
