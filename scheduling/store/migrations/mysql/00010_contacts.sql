-- +goose Up
-- Which person a number stands for, by the keyed hash of the number.
CREATE TABLE IF NOT EXISTS contacts (
    hash VARBINARY(32) NOT NULL,
    key_id VARCHAR(32) NOT NULL,
    person_id BIGINT NOT NULL,
    PRIMARY KEY (hash),
    KEY contacts_person_id (person_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
