-- +goose Up
-- Counsellors' calendars elsewhere. account is sealed whole, address included; version is another with every setting; next_at is when it is read again.
CREATE TABLE IF NOT EXISTS outside_calendars (
    staff_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    account BLOB NOT NULL,
    tag BLOB NULL,
    set_at INTEGER NOT NULL,
    whole_at INTEGER NOT NULL DEFAULT 0,
    read_at INTEGER NOT NULL DEFAULT 0,
    tried_at INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    skipped INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id)
);
CREATE INDEX IF NOT EXISTS outside_calendars_next_at ON outside_calendars (next_at);
