-- +goose Up
-- Every text that an office has had, by version.
CREATE TABLE IF NOT EXISTS text_versions (
    id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    locale TEXT NOT NULL,
    neutral INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    codes TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS text_versions_office_id_kind_locale_neutral_version ON text_versions (office_id, kind, locale, neutral, version);
