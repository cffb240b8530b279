-- +goose Up
-- A random id and its sealing key, wrapped by the master key: deleting the row erases what it seals, in backups too.
CREATE TABLE IF NOT EXISTS persons (
    id INTEGER NOT NULL,
    wrapped_key BLOB NULL,
    key_id TEXT NOT NULL,
    phone BLOB NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
