-- +goose Up
-- How much was sent: segments in a month (2026-11), messages in a day (2026-11-25), of the office (number 0) or to one number, which 63 bits of its keyed hash stand for.
CREATE TABLE IF NOT EXISTS message_counts (
    office_id INTEGER NOT NULL,
    period TEXT NOT NULL,
    number INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (office_id, period, number)
);
