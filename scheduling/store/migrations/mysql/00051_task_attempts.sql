-- +goose Up
-- Calls that were tried: called, nobody, wrong_number.
CREATE TABLE IF NOT EXISTS task_attempts (
    id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    made_by VARCHAR(64) NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY task_attempts_task_id (task_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
