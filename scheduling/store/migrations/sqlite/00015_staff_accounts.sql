-- +goose Up
-- Passwords of staff, as argon2id.
CREATE TABLE IF NOT EXISTS staff_accounts (
    staff_id INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (staff_id)
);
