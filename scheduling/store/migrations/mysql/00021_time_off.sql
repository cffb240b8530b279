-- +goose Up
-- Leave of staff, whole local dates, both included. reason is sealed.
CREATE TABLE IF NOT EXISTS time_off (
    id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    from_date INT NOT NULL,
    to_date INT NOT NULL,
    reason BLOB NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY time_off_staff_id_from_date (staff_id, from_date)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
