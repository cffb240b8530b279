-- +goose Up
-- Which hours of each of its days, HH:MM-HH:MM by the office's clock; empty: whole days.
ALTER TABLE time_off ADD COLUMN hours VARCHAR(11) NOT NULL DEFAULT '';
