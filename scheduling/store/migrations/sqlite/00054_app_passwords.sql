-- +goose Up
-- Passwords that a phone logs in with, each the SHA-256 of 128 random bits; name is sealed, used_at is to the hour.
CREATE TABLE IF NOT EXISTS app_passwords (
    id INTEGER NOT NULL,
    staff_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    name BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE (staff_id, digest)
);
