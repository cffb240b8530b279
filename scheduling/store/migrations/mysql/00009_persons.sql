-- +goose Up
-- A random id and its sealing key, wrapped by the master key: deleting the row erases what it seals, in backups too.
CREATE TABLE IF NOT EXISTS persons (
    id BIGINT NOT NULL,
    wrapped_key BLOB NULL,
    key_id VARCHAR(32) NOT NULL,
    phone BLOB NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
