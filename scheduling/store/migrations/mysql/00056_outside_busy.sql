-- +goose Up
-- When counsellors are busy elsewhere, in whole five minutes; nothing else of it is kept.
CREATE TABLE IF NOT EXISTS outside_busy (
    staff_id BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    PRIMARY KEY (staff_id, from_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
