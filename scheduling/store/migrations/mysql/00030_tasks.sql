-- +goose Up
-- What the desk is to do. name_key makes one of what is noticed twice. text and phone are sealed under the master key.
CREATE TABLE IF NOT EXISTS tasks (
    id BIGINT NOT NULL,
    name_key VARCHAR(64) NOT NULL,
    office_id BIGINT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    appointment_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    hold_id BIGINT NOT NULL,
    reason VARCHAR(64) NOT NULL,
    phone BLOB NULL,
    text BLOB NULL,
    due_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    done INT NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    done_by VARCHAR(64) NOT NULL,
    done_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY tasks_name_key (name_key),
    KEY tasks_office_id_done_due_at (office_id, done, due_at),
    KEY tasks_appointment_id (appointment_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
