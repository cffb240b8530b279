-- +goose Up
-- Answers under an Idempotency-Key, sealed; gone after a day.
CREATE TABLE IF NOT EXISTS remembered (
    id BLOB NOT NULL,
    body BLOB NOT NULL,
    answer BLOB NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
