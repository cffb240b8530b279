-- +goose Up
-- Numbers for the rooms, staff and services of an office; they outlive a removal, since past sessions name them.
CREATE TABLE IF NOT EXISTS resources (
    id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    kind INT NOT NULL,
    code VARCHAR(64) NOT NULL,
    name_zh VARCHAR(200) NOT NULL,
    name_en VARCHAR(200) NOT NULL,
    removed INT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY resources_office_id_kind_code (office_id, kind, code)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
