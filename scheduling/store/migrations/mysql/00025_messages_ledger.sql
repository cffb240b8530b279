-- +goose Up
-- The ledger is read by the time that messages fall due; what is erased is found by it as well.
ALTER TABLE messages DROP INDEX messages_office_id_until_at, ADD INDEX messages_office_id_due_at (office_id, due_at);
