-- +goose Up
-- Log-ins of staff, hashed.
CREATE TABLE IF NOT EXISTS staff_tokens (
    hash BLOB NOT NULL,
    staff_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS staff_tokens_staff_id ON staff_tokens (staff_id);
CREATE INDEX IF NOT EXISTS staff_tokens_expires_at ON staff_tokens (expires_at);
