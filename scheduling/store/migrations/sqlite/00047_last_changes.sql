-- +goose Up
-- What staff did to an appointment last, as long as they may take it back: how it stands since, and how it was.
CREATE TABLE IF NOT EXISTS last_changes (
    appointment_id INTEGER NOT NULL,
    staff_id INTEGER NOT NULL,
    action TEXT NOT NULL,
    at INTEGER NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER NOT NULL,
    session_id INTEGER NOT NULL,
    was_status TEXT NOT NULL,
    was_revision INTEGER NOT NULL,
    was_session_id INTEGER NOT NULL,
    was_room_id INTEGER NOT NULL,
    was_counsellor_id INTEGER NOT NULL,
    was_start INTEGER NOT NULL,
    was_end INTEGER NOT NULL,
    was_claim_end INTEGER NOT NULL,
    person_from INTEGER NOT NULL,
    PRIMARY KEY (appointment_id)
);
CREATE INDEX IF NOT EXISTS last_changes_at ON last_changes (at);
