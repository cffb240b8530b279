-- +goose Up
-- What counsellors have set for their own calendar. secret is the SHA-256 of what stands in the calendar's address; read_at is when it was last read, to the hour.
CREATE TABLE IF NOT EXISTS staff_calendars (
    staff_id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    details INT NOT NULL DEFAULT 0,
    secret VARBINARY(32) NULL,
    made_at BIGINT NOT NULL DEFAULT 0,
    read_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id),
    UNIQUE KEY staff_calendars_secret (secret)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
