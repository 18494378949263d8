-- +goose Up
ALTER TABLE tokens ADD COLUMN selector TEXT NOT NULL DEFAULT ''; -- what the token is narrowed to, '' is its whole tenant

-- +goose Down
ALTER TABLE tokens DROP COLUMN selector;
