-- +goose Up
CREATE TABLE folders (
    tenant     TEXT   NOT NULL REFERENCES tenants (id),
    uid        TEXT   NOT NULL,
    title      TEXT   NOT NULL,
    parent_uid TEXT   NOT NULL, -- '' is the top
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, uid)
);

CREATE TABLE folder_permissions (
    tenant     TEXT   NOT NULL REFERENCES tenants (id),
    folder_uid TEXT   NOT NULL, -- may be a file's folder; 'general' is the top
    entries    TEXT   NOT NULL, -- JSON array of {role or user, level}
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, folder_uid)
);

-- +goose Down
DROP TABLE folder_permissions;
DROP TABLE folders;
