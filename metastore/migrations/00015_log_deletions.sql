-- +goose Up
CREATE TABLE log_deletions (
    tenant     TEXT   NOT NULL REFERENCES tenants (id),
    id         TEXT   NOT NULL,
    query      TEXT   NOT NULL, -- LogQL: a selector and filters
    start_time BIGINT NOT NULL, -- milliseconds, inclusive
    end_time   BIGINT NOT NULL, -- milliseconds, inclusive
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- +goose Down
DROP TABLE log_deletions;
