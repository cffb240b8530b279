-- +goose Up
-- The statutory holidays of years, as they were imported; the shipped ones are not here.
CREATE TABLE IF NOT EXISTS holiday_years (
    year INT NOT NULL,
    notice MEDIUMTEXT NOT NULL,
    author VARCHAR(64) NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (year)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
