-- +goose Up
-- How many places of a service citizens have on a local date, where some are kept for the desk.
CREATE TABLE IF NOT EXISTS citizen_days (
    service_id INTEGER NOT NULL,
    date INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (service_id, date),
    CHECK (taken >= 0)
) WITHOUT ROWID;
