-- +goose Up
-- Which replica does a shared job, until when by the database's clock, and in which epoch.
CREATE TABLE IF NOT EXISTS leases (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    until_at INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (name)
) WITHOUT ROWID;
