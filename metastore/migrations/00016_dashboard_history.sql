-- +goose Up
ALTER TABLE dashboards ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE dashboards ADD COLUMN folder_uid TEXT NOT NULL DEFAULT ''; -- '' is General
ALTER TABLE dashboards ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE dashboards ADD COLUMN updated_by TEXT NOT NULL DEFAULT '';
ALTER TABLE dashboards ADD COLUMN file_hash TEXT NOT NULL DEFAULT ''; -- of the provisioned file that it stands in front of
ALTER TABLE dashboards ADD COLUMN in_file BOOLEAN NOT NULL DEFAULT FALSE; -- it was written back to that file

CREATE TABLE dashboard_versions (
    tenant     TEXT   NOT NULL,
    uid        TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    document   TEXT   NOT NULL, -- Grafana's JSON as it was saved
    size       BIGINT NOT NULL, -- of the document in bytes
    message    TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, uid, version),
    FOREIGN KEY (tenant, uid) REFERENCES dashboards (tenant, uid) ON DELETE CASCADE
);

INSERT INTO dashboard_versions (tenant, uid, version, document, size, message, created_by, created_at)
SELECT tenant, uid, 1, document, 0, '', '', updated_at FROM dashboards;

CREATE TABLE dashboard_stars (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    owner  TEXT NOT NULL, -- who starred it: a user's name, or a token's after token:
    uid    TEXT NOT NULL, -- of the dashboard, which may be a file's
    PRIMARY KEY (tenant, owner, uid)
);

-- +goose Down
DROP TABLE dashboard_stars;
DROP TABLE dashboard_versions;
ALTER TABLE dashboards DROP COLUMN in_file;
ALTER TABLE dashboards DROP COLUMN file_hash;
ALTER TABLE dashboards DROP COLUMN updated_by;
ALTER TABLE dashboards DROP COLUMN version;
ALTER TABLE dashboards DROP COLUMN folder_uid;
ALTER TABLE dashboards DROP COLUMN description;
