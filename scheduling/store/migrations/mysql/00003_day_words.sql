-- +goose Up
-- Busy and off time: a UTC day of a room, counsellor or person in six words of 48 five-minute quanta.
CREATE TABLE IF NOT EXISTS day_words (
    kind INT NOT NULL,
    resource BIGINT NOT NULL,
    day INT NOT NULL,
    b0 BIGINT NOT NULL DEFAULT 0,
    b1 BIGINT NOT NULL DEFAULT 0,
    b2 BIGINT NOT NULL DEFAULT 0,
    b3 BIGINT NOT NULL DEFAULT 0,
    b4 BIGINT NOT NULL DEFAULT 0,
    b5 BIGINT NOT NULL DEFAULT 0,
    o0 BIGINT NOT NULL DEFAULT 0,
    o1 BIGINT NOT NULL DEFAULT 0,
    o2 BIGINT NOT NULL DEFAULT 0,
    o3 BIGINT NOT NULL DEFAULT 0,
    o4 BIGINT NOT NULL DEFAULT 0,
    o5 BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, resource, day),
    KEY day_words_day (day)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
