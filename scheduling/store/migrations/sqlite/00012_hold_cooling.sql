-- +goose Up
-- Holds without a token that were neither used nor given back: the address waits before it holds that start again.
CREATE TABLE IF NOT EXISTS hold_cooling (
    hold_id INTEGER NOT NULL,
    address BLOB NOT NULL,
    service_id INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    PRIMARY KEY (hold_id)
);
CREATE INDEX IF NOT EXISTS hold_cooling_address_service_id_start_at ON hold_cooling (address, service_id, start_at);
CREATE INDEX IF NOT EXISTS hold_cooling_ended_at ON hold_cooling (ended_at);
