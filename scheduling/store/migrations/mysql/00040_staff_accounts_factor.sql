-- +goose Up
-- The second factor. revision rises with whatever a log-in is decided on. factor holds secret, last step and recovery codes, sealed; factor_at is when it was confirmed, 0: it is not active.
ALTER TABLE staff_accounts ADD COLUMN revision BIGINT NOT NULL DEFAULT 0, ADD COLUMN factor BLOB NULL, ADD COLUMN factor_at BIGINT NOT NULL DEFAULT 0;
