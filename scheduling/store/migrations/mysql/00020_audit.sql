-- +goose Up
-- Who did what; only ever added to, until its time is over. No personal data.
CREATE TABLE IF NOT EXISTS audit (
    id BIGINT NOT NULL AUTO_INCREMENT,
    office_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind VARCHAR(16) NOT NULL,
    actor_id BIGINT NOT NULL,
    actor_name VARCHAR(64) NOT NULL,
    action VARCHAR(100) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    refused VARCHAR(32) NOT NULL,
    before_state MEDIUMTEXT NOT NULL,
    after_state MEDIUMTEXT NOT NULL,
    PRIMARY KEY (id),
    KEY audit_office_id_id (office_id, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
