-- +goose Up
-- What a log-in's owner is shown of it, and the role in which it acts; '': in all.
ALTER TABLE staff_tokens
    ADD COLUMN began_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN how VARCHAR(64) NOT NULL DEFAULT 'password',
    ADD COLUMN agent VARCHAR(64) NOT NULL DEFAULT '',
    ADD COLUMN role VARCHAR(16) NOT NULL DEFAULT '';
