-- +goose Up
CREATE TABLE dashboards (
    tenant     TEXT   NOT NULL REFERENCES tenants (id),
    uid        TEXT   NOT NULL,
    title      TEXT   NOT NULL,
    tags       TEXT   NOT NULL, -- JSON array of texts
    folder     TEXT   NOT NULL, -- title, '' is General
    document   TEXT   NOT NULL, -- Grafana's JSON as it was imported
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, uid)
);

-- +goose Down
DROP TABLE dashboards;
