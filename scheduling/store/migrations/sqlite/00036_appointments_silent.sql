-- +goose Up
-- Whether it was booked without messages.
ALTER TABLE appointments ADD COLUMN silent INTEGER NOT NULL DEFAULT 0;
