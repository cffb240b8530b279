-- +goose Up
-- What people are filling in on the pages, sealed, for a while. id is the SHA-256 of a secret in the browser's cookie.
CREATE TABLE IF NOT EXISTS visits (
    id VARBINARY(32) NOT NULL,
    version BIGINT NOT NULL,
    data BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY visits_expires_at (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
