-- +goose Up
-- Who does a piece of work that several processes could do. A claim ends by itself, so
-- that the work of a process that died is taken up by another one.
CREATE TABLE claims (
    tenant     TEXT   NOT NULL REFERENCES tenants (id),
    kind       TEXT   NOT NULL, -- what is done, such as report
    id         TEXT   NOT NULL, -- to what
    holder     TEXT   NOT NULL, -- the process that does it
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);

-- +goose Down
DROP TABLE claims;
