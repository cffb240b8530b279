-- +goose Up
-- Every file that an office has had, by the revision that it made.
CREATE TABLE IF NOT EXISTS office_versions (
    office_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (office_id, number)
);
