-- +goose Up
-- Counsellors' calendars elsewhere. account is sealed whole, address included; version is another with every setting; next_at is when it is read again.
CREATE TABLE IF NOT EXISTS outside_calendars (
    staff_id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    account BLOB NOT NULL,
    tag VARBINARY(512) NULL,
    set_at BIGINT NOT NULL,
    whole_at BIGINT NOT NULL DEFAULT 0,
    read_at BIGINT NOT NULL DEFAULT 0,
    tried_at BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    failures INT NOT NULL DEFAULT 0,
    problem VARCHAR(32) NOT NULL DEFAULT '',
    skipped INT NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id),
    KEY outside_calendars_next_at (next_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
