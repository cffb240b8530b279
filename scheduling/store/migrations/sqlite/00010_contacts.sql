-- +goose Up
-- Which person a number stands for, by the keyed hash of the number.
CREATE TABLE IF NOT EXISTS contacts (
    hash BLOB NOT NULL,
    key_id TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    PRIMARY KEY (hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS contacts_person_id ON contacts (person_id);
