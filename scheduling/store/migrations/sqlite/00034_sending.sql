-- +goose Up
-- Which offices have stopped sending.
CREATE TABLE IF NOT EXISTS sending (
    office_id INTEGER NOT NULL,
    stopped INTEGER NOT NULL,
    author TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (office_id)
);
