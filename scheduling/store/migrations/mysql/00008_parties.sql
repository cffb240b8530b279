-- +goose Up
-- Who comes. name and number are sealed under the person's own key.
CREATE TABLE IF NOT EXISTS parties (
    id BIGINT NOT NULL,
    appointment_id BIGINT NOT NULL,
    position INT NOT NULL,
    person_id BIGINT NOT NULL,
    name BLOB NULL,
    phone BLOB NULL,
    PRIMARY KEY (id),
    KEY parties_appointment_id (appointment_id),
    KEY parties_person_id (person_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
