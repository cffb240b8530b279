-- +goose Up
-- How many open appointments of a service a person has: open_per_person is taken here.
CREATE TABLE IF NOT EXISTS open_counts (
    person_id BIGINT NOT NULL,
    service_id BIGINT NOT NULL,
    open INT NOT NULL,
    PRIMARY KEY (person_id, service_id),
    CHECK (open >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
