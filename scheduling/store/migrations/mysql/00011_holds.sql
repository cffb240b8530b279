-- +goose Up
-- A time that is kept for a while.
CREATE TABLE IF NOT EXISTS holds (
    id BIGINT NOT NULL,
    secret VARBINARY(32) NOT NULL,
    office_id BIGINT NOT NULL,
    service_id BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    heads INT NOT NULL,
    person_id BIGINT NOT NULL,
    address VARBINARY(32) NULL,
    expires_at BIGINT NOT NULL,
    renewed INT NOT NULL DEFAULT 0,
    wish_counsellor VARCHAR(64) NOT NULL,
    wish_gender VARCHAR(8) NOT NULL,
    wish_accessible INT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY holds_secret (secret),
    KEY holds_office_id_expires_at (office_id, expires_at),
    KEY holds_service_id_start_at (service_id, start_at),
    KEY holds_person_id (person_id),
    KEY holds_address (address),
    KEY holds_session_id (session_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
