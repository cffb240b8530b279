-- +goose Up
-- A place in a session. Times are Unix seconds. note, reason and contact are sealed.
CREATE TABLE IF NOT EXISTS appointments (
    id INTEGER NOT NULL,
    reference TEXT NOT NULL,
    office_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    session_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    claim_end INTEGER NOT NULL,
    heads INTEGER NOT NULL,
    asker_id INTEGER NOT NULL,
    notified_id INTEGER NOT NULL,
    keeper_id INTEGER NOT NULL,
    wish_counsellor TEXT NOT NULL,
    wish_gender TEXT NOT NULL,
    wish_accessible INTEGER NOT NULL,
    locale TEXT NOT NULL,
    note BLOB NULL,
    reason BLOB NULL,
    contact_name BLOB NULL,
    contact_relation BLOB NULL,
    counted INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    erased INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS appointments_reference ON appointments (reference);
CREATE INDEX IF NOT EXISTS appointments_office_id_start_at_reference ON appointments (office_id, start_at, reference);
CREATE INDEX IF NOT EXISTS appointments_keeper_id_start_at ON appointments (keeper_id, start_at);
CREATE INDEX IF NOT EXISTS appointments_session_id ON appointments (session_id);
CREATE INDEX IF NOT EXISTS appointments_office_id_erased_end_at ON appointments (office_id, erased, end_at);
