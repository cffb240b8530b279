-- +goose Up
-- Replies that were taken, so that one that is pushed twice counts once; gone after three days.
CREATE TABLE IF NOT EXISTS replies (
    id VARBINARY(32) NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY replies_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
