-- +goose Up
-- Citizens' bearer tokens, hashed.
CREATE TABLE IF NOT EXISTS citizen_tokens (
    hash BLOB NOT NULL,
    person_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS citizen_tokens_person_id ON citizen_tokens (person_id);
CREATE INDEX IF NOT EXISTS citizen_tokens_expires_at ON citizen_tokens (expires_at);
