-- +goose Up
-- The queries that somebody ran in Explore: theirs alone.
CREATE TABLE query_history (
    tenant  TEXT    NOT NULL REFERENCES tenants (id),
    owner   TEXT    NOT NULL, -- a user's name, or a token's after token:
    kind    TEXT    NOT NULL, -- logs, metrics or traces
    text    TEXT    NOT NULL, -- the query
    search  TEXT    NOT NULL, -- Explore's parameters that bring it back, JSON
    last_at BIGINT  NOT NULL, -- of the last run
    runs    BIGINT  NOT NULL,
    starred BOOLEAN NOT NULL,
    PRIMARY KEY (tenant, owner, kind, text)
);

-- +goose Down
DROP TABLE query_history;
