-- +goose Up
-- Passkeys of staff. inside holds the public key and the name, sealed; hash is the SHA-256 of the credential's id; uses rises with every use.
CREATE TABLE IF NOT EXISTS staff_passkeys (
    id INTEGER NOT NULL,
    staff_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    hash BLOB NOT NULL,
    inside BLOB NOT NULL,
    counter INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS staff_passkeys_hash ON staff_passkeys (hash);
CREATE INDEX IF NOT EXISTS staff_passkeys_staff_id ON staff_passkeys (staff_id);
