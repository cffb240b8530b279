-- +goose Up
-- Other times that a person may choose from, each kept by a hold. state: 0 open, 1 taken, 2 lapsed, 3 withdrawn.
CREATE TABLE IF NOT EXISTS offers (
    id INTEGER NOT NULL,
    appointment_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    state INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    hold_1 INTEGER NOT NULL,
    hold_2 INTEGER NOT NULL,
    hold_3 INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS offers_appointment_id_revision ON offers (appointment_id, revision);
CREATE INDEX IF NOT EXISTS offers_state_deadline ON offers (state, deadline);
