-- +goose Up
-- One row an office: its file as it was applied, and a revision that every change raises.
CREATE TABLE IF NOT EXISTS offices (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS offices_code ON offices (code);
