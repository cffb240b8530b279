-- +goose Up
-- What is owed, to whom and when, and what became of it. subject_kind: 1 appointment, 2 verification.
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    subject_kind INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    lead_seconds INTEGER NOT NULL,
    locale TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    claim INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    handed_at INTEGER NOT NULL DEFAULT 0,
    old_start INTEGER NOT NULL DEFAULT 0,
    gateway_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    rule TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS messages_1 ON messages (subject_kind, subject_id, revision, person_id, channel, kind, lead_seconds);
CREATE INDEX IF NOT EXISTS messages_status_next_at ON messages (status, next_at);
CREATE INDEX IF NOT EXISTS messages_office_id_until_at ON messages (office_id, until_at);
