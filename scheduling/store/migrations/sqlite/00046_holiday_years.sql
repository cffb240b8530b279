-- +goose Up
-- The statutory holidays of years, as they were imported; the shipped ones are not here.
CREATE TABLE IF NOT EXISTS holiday_years (
    year INTEGER NOT NULL,
    notice TEXT NOT NULL,
    author TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (year)
) WITHOUT ROWID;
