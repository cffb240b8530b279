-- +goose Up
-- What counsellors have set for their own calendar. secret is the SHA-256 of what stands in the calendar's address; read_at is when it was last read, to the hour.
CREATE TABLE IF NOT EXISTS staff_calendars (
    staff_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    details INTEGER NOT NULL DEFAULT 0,
    secret BLOB NULL UNIQUE,
    made_at INTEGER NOT NULL DEFAULT 0,
    read_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id)
);
