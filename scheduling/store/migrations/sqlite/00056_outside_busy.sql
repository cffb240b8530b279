-- +goose Up
-- When counsellors are busy elsewhere, in whole five minutes; nothing else of it is kept.
CREATE TABLE IF NOT EXISTS outside_busy (
    staff_id INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    PRIMARY KEY (staff_id, from_at)
) WITHOUT ROWID;
