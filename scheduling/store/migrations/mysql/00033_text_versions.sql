-- +goose Up
-- Every text that an office has had, by version.
CREATE TABLE IF NOT EXISTS text_versions (
    id BIGINT NOT NULL,
    office_id BIGINT NOT NULL,
    kind VARCHAR(12) NOT NULL,
    locale VARCHAR(2) NOT NULL,
    neutral INT NOT NULL,
    version INT NOT NULL,
    body TEXT NOT NULL,
    codes TEXT NOT NULL,
    author VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY text_versions_office_id_kind_locale_neutral_version (office_id, kind, locale, neutral, version)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
