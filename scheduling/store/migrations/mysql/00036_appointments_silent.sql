-- +goose Up
-- Whether it was booked without messages.
ALTER TABLE appointments ADD COLUMN silent INT NOT NULL DEFAULT 0;
