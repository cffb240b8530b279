-- +goose Up
-- Passwords of staff, as argon2id.
CREATE TABLE IF NOT EXISTS staff_accounts (
    staff_id BIGINT NOT NULL,
    hash VARCHAR(255) NOT NULL,
    PRIMARY KEY (staff_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
