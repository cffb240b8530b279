-- +goose Up
-- One row an office: its file as it was applied, and a revision that every change raises.
CREATE TABLE IF NOT EXISTS offices (
    id BIGINT NOT NULL,
    code VARCHAR(32) NOT NULL,
    revision BIGINT NOT NULL,
    document MEDIUMTEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY offices_code (code)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
