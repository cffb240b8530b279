-- +goose Up
-- A meeting in a room with a counsellor. status: 0 on, 1 given back, 2 over.
CREATE TABLE IF NOT EXISTS sessions (
    id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    service_id BIGINT NOT NULL,
    room_id BIGINT NOT NULL,
    counsellor_id BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    claim_end BIGINT NOT NULL,
    taken INT NOT NULL,
    places INT NOT NULL,
    heads INT NOT NULL,
    seats INT NOT NULL,
    date INT NOT NULL,
    status INT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY sessions_service_id_start_at (service_id, start_at),
    KEY sessions_counsellor_id_start_at (counsellor_id, start_at),
    CHECK (taken >= 0 AND taken <= places),
    CHECK (heads >= 0 AND heads <= seats)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
