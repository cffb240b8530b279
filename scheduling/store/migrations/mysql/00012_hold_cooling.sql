-- +goose Up
-- Holds without a token that were neither used nor given back: the address waits before it holds that start again.
CREATE TABLE IF NOT EXISTS hold_cooling (
    hold_id BIGINT NOT NULL,
    address VARBINARY(32) NOT NULL,
    service_id BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (hold_id),
    KEY hold_cooling_address_service_id_start_at (address, service_id, start_at),
    KEY hold_cooling_ended_at (ended_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
