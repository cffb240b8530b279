-- +goose Up
-- Citizens' bearer tokens, hashed.
CREATE TABLE IF NOT EXISTS citizen_tokens (
    hash VARBINARY(32) NOT NULL,
    person_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (hash),
    KEY citizen_tokens_person_id (person_id),
    KEY citizen_tokens_expires_at (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
