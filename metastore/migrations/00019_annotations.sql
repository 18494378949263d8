-- +goose Up
CREATE TABLE annotations (
    tenant        TEXT   NOT NULL REFERENCES tenants (id),
    id            BIGINT NOT NULL, -- rises in a tenant
    time          BIGINT NOT NULL, -- milliseconds
    end_time      BIGINT NOT NULL, -- milliseconds, not before time; the same for a moment
    text          TEXT   NOT NULL,
    tags          TEXT   NOT NULL, -- JSON array of texts
    dashboard_uid TEXT   NOT NULL, -- '' is every dashboard
    panel_id      BIGINT NOT NULL, -- 0 is the whole dashboard
    created_by    TEXT   NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX annotations_by_time ON annotations (tenant, time);

-- +goose Down
DROP TABLE annotations;
