-- +goose Up
-- What became of a message once a gateway was handed it, or may have been. asks: 0 the text asked for nothing, 1 for a reply, 2 for one that cancels too; to_hash is then the keyed hash of the number.
CREATE TABLE IF NOT EXISTS deliveries (
    message_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    appointment_id INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    gateway_id TEXT NOT NULL,
    to_hash BLOB NULL,
    locale TEXT NOT NULL,
    neutral INTEGER NOT NULL,
    text_version INTEGER NOT NULL,
    asks INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    answered TEXT NOT NULL,
    handed_at INTEGER NOT NULL,
    receipt TEXT NOT NULL,
    receipt_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (message_id)
);
CREATE INDEX IF NOT EXISTS deliveries_gateway_id ON deliveries (gateway_id);
CREATE INDEX IF NOT EXISTS deliveries_to_hash_handed_at ON deliveries (to_hash, handed_at);
CREATE INDEX IF NOT EXISTS deliveries_receipt_handed_at ON deliveries (receipt, handed_at);
