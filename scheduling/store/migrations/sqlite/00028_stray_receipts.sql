-- +goose Up
-- Receipts that came before what they speak of was written: by our own number of the message, or by the gateway's; gone after a day.
CREATE TABLE IF NOT EXISTS stray_receipts (
    id INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    gateway_id TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    receipt TEXT NOT NULL,
    receipt_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS stray_receipts_message_id ON stray_receipts (message_id);
CREATE INDEX IF NOT EXISTS stray_receipts_created_at ON stray_receipts (created_at);
