-- +goose Up
-- Which replica does a shared job, until when by the database's clock, and in which epoch.
CREATE TABLE IF NOT EXISTS leases (
    name VARCHAR(64) NOT NULL,
    holder VARCHAR(64) NOT NULL,
    until_at BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
