-- +goose Up
-- Who comes. name and number are sealed under the person's own key.
CREATE TABLE IF NOT EXISTS parties (
    id INTEGER NOT NULL,
    appointment_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    name BLOB NULL,
    phone BLOB NULL,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS parties_appointment_id ON parties (appointment_id);
CREATE INDEX IF NOT EXISTS parties_person_id ON parties (person_id);
