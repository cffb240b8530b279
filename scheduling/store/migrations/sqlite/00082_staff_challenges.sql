-- +goose Up
-- What a sign-in in several steps was begun with, sealed, for a few minutes; each is taken once. id is the SHA-256 of what the browser was given.
CREATE TABLE IF NOT EXISTS staff_challenges (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    data BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS staff_challenges_expires_at ON staff_challenges (expires_at);
