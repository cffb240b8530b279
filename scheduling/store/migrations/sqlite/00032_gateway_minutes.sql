-- +goose Up
-- What gateways did in each minute, for taking over from one that fails; gone after a day.
CREATE TABLE IF NOT EXISTS gateway_minutes (
    gateway TEXT NOT NULL,
    minute INTEGER NOT NULL,
    handed INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (gateway, minute)
);
