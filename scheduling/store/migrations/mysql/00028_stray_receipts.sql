-- +goose Up
-- Receipts that came before what they speak of was written: by our own number of the message, or by the gateway's; gone after a day.
CREATE TABLE IF NOT EXISTS stray_receipts (
    id BIGINT NOT NULL,
    gateway VARCHAR(16) NOT NULL,
    gateway_id VARCHAR(64) NOT NULL,
    message_id BIGINT NOT NULL,
    receipt VARCHAR(10) NOT NULL,
    receipt_at BIGINT NOT NULL,
    reason VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY stray_receipts_message_id (message_id),
    KEY stray_receipts_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
