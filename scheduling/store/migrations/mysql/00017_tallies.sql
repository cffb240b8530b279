-- +goose Up
-- Tries and sendings, as instants; the key is a keyed hash.
CREATE TABLE IF NOT EXISTS tallies (
    id VARBINARY(32) NOT NULL,
    events MEDIUMTEXT NOT NULL,
    version BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY tallies_expires_at (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
