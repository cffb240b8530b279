-- +goose Up
-- What the desk is to do. name_key makes one of what is noticed twice. text and phone are sealed under the master key.
CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER NOT NULL,
    name_key TEXT NOT NULL,
    office_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    appointment_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    hold_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    phone BLOB NULL,
    text BLOB NULL,
    due_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    done INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    done_by TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS tasks_name_key ON tasks (name_key);
CREATE INDEX IF NOT EXISTS tasks_office_id_done_due_at ON tasks (office_id, done, due_at);
CREATE INDEX IF NOT EXISTS tasks_appointment_id ON tasks (appointment_id);
