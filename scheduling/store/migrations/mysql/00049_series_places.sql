-- +goose Up
-- Which appointments were booked together as one course.
CREATE TABLE IF NOT EXISTS series_places (
    appointment_id BIGINT NOT NULL,
    series_id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    position INT NOT NULL,
    PRIMARY KEY (appointment_id),
    KEY series_places_series_id (series_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
