-- +goose Up
-- It stands in deliveries now.
ALTER TABLE messages DROP COLUMN gateway_id;
