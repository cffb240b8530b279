-- +goose Up
-- Log-ins of staff, hashed.
CREATE TABLE IF NOT EXISTS staff_tokens (
    hash VARBINARY(32) NOT NULL,
    staff_id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (hash),
    KEY staff_tokens_staff_id (staff_id),
    KEY staff_tokens_expires_at (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
