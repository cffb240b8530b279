-- +goose Up
-- Addresses that can be used once: to set a password, or (staff_id 0) to set up the first office. digest is the SHA-256 of the token.
CREATE TABLE IF NOT EXISTS one_time_links (
    digest BLOB NOT NULL,
    office_id INTEGER NOT NULL,
    staff_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (digest)
) WITHOUT ROWID;
