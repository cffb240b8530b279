-- +goose Up
-- Which offices have stopped sending.
CREATE TABLE IF NOT EXISTS sending (
    office_id BIGINT NOT NULL,
    stopped INT NOT NULL,
    author VARCHAR(64) NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (office_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
