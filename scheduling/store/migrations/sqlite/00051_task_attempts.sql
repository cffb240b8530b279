-- +goose Up
-- Calls that were tried: called, nobody, wrong_number.
CREATE TABLE IF NOT EXISTS task_attempts (
    id INTEGER NOT NULL,
    task_id INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS task_attempts_task_id ON task_attempts (task_id);
