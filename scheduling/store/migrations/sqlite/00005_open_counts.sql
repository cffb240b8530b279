-- +goose Up
-- How many open appointments of a service a person has: open_per_person is taken here.
CREATE TABLE IF NOT EXISTS open_counts (
    person_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    open INTEGER NOT NULL,
    PRIMARY KEY (person_id, service_id),
    CHECK (open >= 0)
) WITHOUT ROWID;
