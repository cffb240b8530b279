-- +goose Up
-- Codes on their way to a number, sealed and hashed; gone after a day.
CREATE TABLE IF NOT EXISTS verifications (
    id VARCHAR(32) NOT NULL,
    number BIGINT NOT NULL,
    code_id VARCHAR(32) NOT NULL,
    phone_hash VARBINARY(32) NOT NULL,
    phone BLOB NULL,
    code BLOB NULL,
    code_hash VARBINARY(32) NULL,
    locale VARCHAR(2) NOT NULL,
    expires_at BIGINT NOT NULL,
    used INT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY verifications_phone_hash (phone_hash),
    KEY verifications_code_id (code_id),
    KEY verifications_number (number),
    KEY verifications_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
