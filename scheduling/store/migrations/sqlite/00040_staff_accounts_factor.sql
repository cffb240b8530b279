-- +goose Up
-- The second factor. revision rises with whatever a log-in is decided on. factor holds secret, last step and recovery codes, sealed; factor_at is when it was confirmed, 0: it is not active.
ALTER TABLE staff_accounts ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff_accounts ADD COLUMN factor BLOB NULL;
ALTER TABLE staff_accounts ADD COLUMN factor_at INTEGER NOT NULL DEFAULT 0;
