-- +goose Up
-- Codes on their way to a number, sealed and hashed; gone after a day.
CREATE TABLE IF NOT EXISTS verifications (
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    code_id TEXT NOT NULL,
    phone_hash BLOB NOT NULL,
    phone BLOB NULL,
    code BLOB NULL,
    code_hash BLOB NULL,
    locale TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS verifications_phone_hash ON verifications (phone_hash);
CREATE INDEX IF NOT EXISTS verifications_code_id ON verifications (code_id);
CREATE INDEX IF NOT EXISTS verifications_number ON verifications (number);
CREATE INDEX IF NOT EXISTS verifications_created_at ON verifications (created_at);
