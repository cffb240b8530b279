-- +goose Up
-- Passkeys of staff. inside holds the public key and the name, sealed; hash is the SHA-256 of the credential's id; uses rises with every use.
CREATE TABLE IF NOT EXISTS staff_passkeys (
    id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    hash VARBINARY(32) NOT NULL,
    inside BLOB NOT NULL,
    counter BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY staff_passkeys_hash (hash),
    KEY staff_passkeys_staff_id (staff_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
