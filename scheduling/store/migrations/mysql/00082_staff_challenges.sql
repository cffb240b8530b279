-- +goose Up
-- What a sign-in in several steps was begun with, sealed, for a few minutes; each is taken once. id is the SHA-256 of what the browser was given.
CREATE TABLE IF NOT EXISTS staff_challenges (
    id VARBINARY(32) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    data BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY staff_challenges_expires_at (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
