-- +goose Up
-- Needs and title, sealed under the key of whoever keeps the appointment.
ALTER TABLE appointments ADD COLUMN asks BLOB NULL;
