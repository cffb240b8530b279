-- +goose Up
-- Leave of staff, whole local dates, both included. reason is sealed.
CREATE TABLE IF NOT EXISTS time_off (
    id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    staff_id INTEGER NOT NULL,
    from_date INTEGER NOT NULL,
    to_date INTEGER NOT NULL,
    reason BLOB NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS time_off_staff_id_from_date ON time_off (staff_id, from_date);
