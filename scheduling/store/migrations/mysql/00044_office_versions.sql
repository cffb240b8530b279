-- +goose Up
-- Every file that an office has had, by the revision that it made.
CREATE TABLE IF NOT EXISTS office_versions (
    office_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    author VARCHAR(64) NOT NULL,
    note VARCHAR(255) NOT NULL,
    document MEDIUMTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (office_id, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
