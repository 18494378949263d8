-- +goose Up
CREATE TABLE tenants (
    id         TEXT   NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

INSERT INTO tenants (id, created_at) VALUES ('default', 0);

CREATE TABLE users (
    name          TEXT   NOT NULL PRIMARY KEY,
    tenant        TEXT   NOT NULL REFERENCES tenants (id),
    role          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL, -- PHC string format, argon2id
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
    id_hash    TEXT   NOT NULL PRIMARY KEY, -- SHA-256 of the cookie's value, hexadecimal
    user_name  TEXT   NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_name);

CREATE TABLE tokens (
    id          TEXT    NOT NULL PRIMARY KEY,
    secret_hash TEXT    NOT NULL UNIQUE, -- SHA-256 of the whole token, hexadecimal
    tenant      TEXT    NOT NULL REFERENCES tenants (id),
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    can_read    BOOLEAN NOT NULL,
    can_write   BOOLEAN NOT NULL,
    created_by  TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL, -- 0: never
    used_at     BIGINT  NOT NULL, -- 0: never
    UNIQUE (tenant, name)
);

-- +goose Down
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE tenants;
