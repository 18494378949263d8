-- +goose Up
CREATE TABLE elastic_objects (
    tenant     TEXT   NOT NULL REFERENCES tenants (id),
    kind       TEXT   NOT NULL, -- index_template, ilm_policy, index...
    name       TEXT   NOT NULL,
    document   TEXT   NOT NULL, -- JSON as clients get it back
    size       BIGINT NOT NULL, -- of the document in bytes
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, name)
);

-- +goose Down
DROP TABLE elastic_objects;
