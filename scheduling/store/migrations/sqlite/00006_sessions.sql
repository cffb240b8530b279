-- +goose Up
-- A meeting in a room with a counsellor. status: 0 on, 1 given back, 2 over.
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    room_id INTEGER NOT NULL,
    counsellor_id INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    claim_end INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    places INTEGER NOT NULL,
    heads INTEGER NOT NULL,
    seats INTEGER NOT NULL,
    date INTEGER NOT NULL,
    status INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    CHECK (taken >= 0 AND taken <= places),
    CHECK (heads >= 0 AND heads <= seats)
);
CREATE INDEX IF NOT EXISTS sessions_service_id_start_at ON sessions (service_id, start_at);
CREATE INDEX IF NOT EXISTS sessions_counsellor_id_start_at ON sessions (counsellor_id, start_at);
