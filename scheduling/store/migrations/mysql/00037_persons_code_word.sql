-- +goose Up
-- The hash of the code word, sealed under the person's own key.
ALTER TABLE persons ADD COLUMN code_word BLOB NULL;
