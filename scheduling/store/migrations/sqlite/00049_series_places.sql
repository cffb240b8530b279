-- +goose Up
-- Which appointments were booked together as one course.
CREATE TABLE IF NOT EXISTS series_places (
    appointment_id INTEGER NOT NULL,
    series_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (appointment_id)
);
CREATE INDEX IF NOT EXISTS series_places_series_id ON series_places (series_id);
