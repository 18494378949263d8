-- +goose Up
CREATE TABLE objects (
    tenant     TEXT   NOT NULL REFERENCES tenants (id),
    kind       TEXT   NOT NULL, -- playlist, saved, library_panel, share, snapshot, report
    id         TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    owner      TEXT   NOT NULL, -- who made it: a user's name, or a token's after token:
    parent     TEXT   NOT NULL, -- what it belongs to, such as a dashboard's uid; '' is nothing
    document   TEXT   NOT NULL, -- JSON
    size       BIGINT NOT NULL, -- of the document in bytes
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, -- 0: never
    PRIMARY KEY (tenant, kind, id)
);

-- Links are followed by who knows nothing but their key.
CREATE INDEX objects_by_id ON objects (kind, id);

-- +goose Down
DROP TABLE objects;
