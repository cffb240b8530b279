-- +goose Up
-- What became of a message once a gateway was handed it, or may have been. asks: 0 the text asked for nothing, 1 for a reply, 2 for one that cancels too; to_hash is then the keyed hash of the number.
CREATE TABLE IF NOT EXISTS deliveries (
    message_id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    appointment_id BIGINT NOT NULL,
    gateway VARCHAR(16) NOT NULL,
    gateway_id VARCHAR(64) NOT NULL,
    to_hash VARBINARY(32) NULL,
    locale VARCHAR(2) NOT NULL,
    neutral INT NOT NULL,
    text_version INT NOT NULL,
    asks INT NOT NULL,
    segments INT NOT NULL,
    answered VARCHAR(10) NOT NULL,
    handed_at BIGINT NOT NULL,
    receipt VARCHAR(10) NOT NULL,
    receipt_at BIGINT NOT NULL,
    reason VARCHAR(64) NOT NULL,
    PRIMARY KEY (message_id),
    KEY deliveries_gateway_id (gateway_id),
    KEY deliveries_to_hash_handed_at (to_hash, handed_at),
    KEY deliveries_receipt_handed_at (receipt, handed_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
