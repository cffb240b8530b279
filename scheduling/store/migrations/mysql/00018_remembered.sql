-- +goose Up
-- Answers under an Idempotency-Key, sealed; gone after a day.
CREATE TABLE IF NOT EXISTS remembered (
    id VARBINARY(32) NOT NULL,
    body VARBINARY(32) NOT NULL,
    answer MEDIUMBLOB NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
