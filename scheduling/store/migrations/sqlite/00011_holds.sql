-- +goose Up
-- A time that is kept for a while.
CREATE TABLE IF NOT EXISTS holds (
    id INTEGER NOT NULL,
    secret BLOB NOT NULL,
    office_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    session_id INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    heads INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    address BLOB NULL,
    expires_at INTEGER NOT NULL,
    renewed INTEGER NOT NULL DEFAULT 0,
    wish_counsellor TEXT NOT NULL,
    wish_gender TEXT NOT NULL,
    wish_accessible INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS holds_secret ON holds (secret);
CREATE INDEX IF NOT EXISTS holds_office_id_expires_at ON holds (office_id, expires_at);
CREATE INDEX IF NOT EXISTS holds_service_id_start_at ON holds (service_id, start_at);
CREATE INDEX IF NOT EXISTS holds_person_id ON holds (person_id);
CREATE INDEX IF NOT EXISTS holds_address ON holds (address);
CREATE INDEX IF NOT EXISTS holds_session_id ON holds (session_id);
