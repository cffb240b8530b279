-- +goose Up
-- What staff did to an appointment last, as long as they may take it back: how it stands since, and how it was.
CREATE TABLE IF NOT EXISTS last_changes (
    appointment_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    action VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    status VARCHAR(12) NOT NULL,
    revision INT NOT NULL,
    session_id BIGINT NOT NULL,
    was_status VARCHAR(12) NOT NULL,
    was_revision INT NOT NULL,
    was_session_id BIGINT NOT NULL,
    was_room_id BIGINT NOT NULL,
    was_counsellor_id BIGINT NOT NULL,
    was_start BIGINT NOT NULL,
    was_end BIGINT NOT NULL,
    was_claim_end BIGINT NOT NULL,
    person_from BIGINT NOT NULL,
    PRIMARY KEY (appointment_id),
    KEY last_changes_at (at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
