-- +goose Up
-- How many sessions a counsellor has on a local date: sessions_per_day is taken here.
CREATE TABLE IF NOT EXISTS staff_days (
    staff_id INTEGER NOT NULL,
    date INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    PRIMARY KEY (staff_id, date),
    CHECK (sessions >= 0)
) WITHOUT ROWID;
