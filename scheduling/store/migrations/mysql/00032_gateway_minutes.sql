-- +goose Up
-- What gateways did in each minute, for taking over from one that fails; gone after a day.
CREATE TABLE IF NOT EXISTS gateway_minutes (
    gateway VARCHAR(16) NOT NULL,
    minute BIGINT NOT NULL,
    handed INT NOT NULL,
    delivered INT NOT NULL,
    failed INT NOT NULL,
    PRIMARY KEY (gateway, minute)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
