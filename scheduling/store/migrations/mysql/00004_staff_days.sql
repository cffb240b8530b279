-- +goose Up
-- How many sessions a counsellor has on a local date: sessions_per_day is taken here.
CREATE TABLE IF NOT EXISTS staff_days (
    staff_id BIGINT NOT NULL,
    date INT NOT NULL,
    sessions INT NOT NULL,
    PRIMARY KEY (staff_id, date),
    CHECK (sessions >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
