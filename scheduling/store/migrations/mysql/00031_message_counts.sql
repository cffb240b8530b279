-- +goose Up
-- How much was sent: segments in a month (2026-11), messages in a day (2026-11-25), of the office (number 0) or to one number, which 63 bits of its keyed hash stand for.
CREATE TABLE IF NOT EXISTS message_counts (
    office_id BIGINT NOT NULL,
    period VARCHAR(10) NOT NULL,
    number BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (office_id, period, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
