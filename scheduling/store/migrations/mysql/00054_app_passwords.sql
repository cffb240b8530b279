-- +goose Up
-- Passwords that a phone logs in with, each the SHA-256 of 128 random bits; name is sealed, used_at is to the hour.
CREATE TABLE IF NOT EXISTS app_passwords (
    id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    digest VARBINARY(32) NOT NULL,
    name BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY app_passwords_staff_id_digest (staff_id, digest)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
