-- +goose Up
-- Other times that a person may choose from, each kept by a hold. state: 0 open, 1 taken, 2 lapsed, 3 withdrawn.
CREATE TABLE IF NOT EXISTS offers (
    id BIGINT NOT NULL,
    appointment_id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    revision INT NOT NULL,
    state INT NOT NULL,
    deadline BIGINT NOT NULL,
    hold_1 BIGINT NOT NULL,
    hold_2 BIGINT NOT NULL,
    hold_3 BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY offers_appointment_id_revision (appointment_id, revision),
    KEY offers_state_deadline (state, deadline)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
