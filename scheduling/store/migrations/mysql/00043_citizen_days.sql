-- +goose Up
-- How many places of a service citizens have on a local date, where some are kept for the desk.
CREATE TABLE IF NOT EXISTS citizen_days (
    service_id BIGINT NOT NULL,
    date INT NOT NULL,
    taken INT NOT NULL,
    PRIMARY KEY (service_id, date),
    CHECK (taken >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
