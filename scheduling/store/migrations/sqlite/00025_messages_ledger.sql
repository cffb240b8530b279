-- +goose Up
-- The ledger is read by the time that messages fall due; what is erased is found by it as well.
DROP INDEX messages_office_id_until_at;
CREATE INDEX messages_office_id_due_at ON messages (office_id, due_at);
