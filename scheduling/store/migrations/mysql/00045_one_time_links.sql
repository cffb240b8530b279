-- +goose Up
-- Addresses that can be used once: to set a password, or (staff_id 0) to set up the first office. digest is the SHA-256 of the token.
CREATE TABLE IF NOT EXISTS one_time_links (
    digest VARBINARY(32) NOT NULL,
    office_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (digest),
    KEY one_time_links_staff_id (staff_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
