-- +goose Up
-- Numbers for the rooms, staff and services of an office; they outlive a removal, since past sessions name them.
CREATE TABLE IF NOT EXISTS resources (
    id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS resources_office_id_kind_code ON resources (office_id, kind, code);
